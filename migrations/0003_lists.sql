-- The pages for admins list users by their last login, and count who has a role.
CREATE INDEX users_by_last_login ON users (last_login DESC, account DESC);
CREATE INDEX user_roles_by_role ON user_roles (role);
