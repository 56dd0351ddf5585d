//! The output of a step: kept in a file, shown in full when the step fails.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::command::{last_line, read};
use crate::process::Running;
use crate::root::test_output;
use crate::say::{say, shown};

/// Between two signs of life of a step.
const SIGN_OF_LIFE: Duration = Duration::from_mins(1);
/// The longest that one command may take. The longest known is the first native
/// build of everything, 4 minutes on two cores.
const COMMAND_MAX: Duration = Duration::from_mins(25);

/// A step's output.
#[derive(Debug)]
pub(super) struct Log {
    path: PathBuf,
    file: File,
    remarks: Vec<String>,
}

impl Log {
    /// An empty log for the step.
    pub(super) fn create(step: &str) -> Result<Self> {
        let path = test_output().join(format!("{step}.log"));
        File::create(&path).with_context(|| format!("creating {}", path.display()))?;
        // Appending, because several programs write to it by turns.
        let file = OpenOptions::new().append(true).open(&path)?;
        Ok(Self {
            path,
            file,
            remarks: Vec::new(),
        })
    }

    /// Runs a command with its output in the log; it fails if the command does.
    pub(super) fn run(&mut self, command: &mut Command) -> Result<()> {
        let words = words(command);
        writeln!(self.file, "$ {words}")?;
        command
            .stdout(self.file.try_clone()?)
            .stderr(self.file.try_clone()?);
        wait(&mut Running::start(command)?, &words, &self.path)
    }

    /// Starts a command beside those that run meanwhile. Its output comes into
    /// the log when it is waited for, lest it stand among theirs.
    pub(super) fn start_beside(&self, name: &str, command: &mut Command) -> Result<Beside> {
        let words = words(command);
        let path = self.path.with_extension(format!("{name}.log"));
        let file = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
        command.stdout(file.try_clone()?).stderr(file);
        let running = Running::start(command)?;
        Ok(Beside {
            words,
            path,
            running,
        })
    }

    /// Waits for it; it fails if the command does.
    pub(super) fn wait_for(&mut self, mut beside: Beside) -> Result<()> {
        let outcome = wait(&mut beside.running, &beside.words, &beside.path);
        let text = read(&beside.path);
        write!(self.file, "$ {}\n{text}", beside.words)?;
        outcome
    }

    /// Adds a line, which also stands in the closing table.
    pub(super) fn remark(&mut self, line: String) -> Result<()> {
        writeln!(self.file, "{line}")?;
        self.remarks.push(line);
        Ok(())
    }

    /// Everything that was written.
    pub(super) fn text(&self) -> String {
        read(&self.path)
    }

    /// A few words about what was done: the remarks and how many tests ran.
    pub(super) fn summary(&self) -> String {
        let counts = count(&self.text());
        let tests = (counts.passed + counts.failed > 0).then(|| {
            format!(
                "{} tests passed, {} failed, {} skipped",
                counts.passed, counts.failed, counts.skipped
            )
        });
        self.remarks
            .iter()
            .cloned()
            .chain(tests)
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// A command that runs beside others, with a file of its own for its output.
#[derive(Debug)]
pub(super) struct Beside {
    words: String,
    path: PathBuf,
    running: Running,
}

fn words(command: &Command) -> String {
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect();
    words.join(" ")
}

/// Waits for a command's end, with a sign of life now and then.
fn wait(running: &mut Running, words: &str, output: &Path) -> Result<()> {
    let status = running.wait_with(SIGN_OF_LIFE, |gone| {
        say(format_args!(
            "    {} so far ({})",
            shown(gone),
            last_line(output)
        ));
        gone <= COMMAND_MAX
    })?;
    match status {
        Some(status) if status.success() => Ok(()),
        Some(status) => bail!("`{words}` ended with {status}"),
        None => bail!("`{words}` took longer than {}", shown(COMMAND_MAX)),
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: u64,
    failed: u64,
    skipped: u64,
}

/// Adds up the closing lines of cargo's and Node's test runners.
fn count(text: &str) -> Counts {
    let mut counts = Counts::default();
    for line in text.lines() {
        let words: Vec<&str> = line
            .split([' ', ';'])
            .filter(|word| !word.is_empty())
            .collect();
        let number = |index: usize| words.get(index).and_then(|word| word.parse::<u64>().ok());
        match words.as_slice() {
            ["test", "result:", ..] => {
                // test result: ok. 3 passed; 0 failed; 1 ignored; …
                counts.passed += number(3).unwrap_or(0);
                counts.failed += number(5).unwrap_or(0);
                counts.skipped += number(7).unwrap_or(0);
            }
            ["#" | "ℹ", "pass", _] => counts.passed += number(2).unwrap_or(0),
            ["#" | "ℹ", "fail" | "cancelled", _] => counts.failed += number(2).unwrap_or(0),
            ["#" | "ℹ", "skipped" | "todo", _] => counts.skipped += number(2).unwrap_or(0),
            _ => {}
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_beside_others_stands_after_them_in_the_log_and_its_failure_is_told() {
        std::fs::create_dir_all(test_output()).expect("a folder for logs");
        let shell = |script: &str| {
            let mut shell = Command::new("sh");
            shell.args(["-c", script]);
            shell
        };
        let mut log = Log::create("log-of-two").expect("a log");
        let beside = log
            .start_beside("second", &mut shell("echo 2; exit 3"))
            .expect("sh starts");
        let file = beside.path.clone();
        log.run(&mut shell("echo 1")).expect("this one succeeds");
        let failed = log.wait_for(beside).expect_err("this one does not");
        let text = log.text();
        for file in [&log.path, &file] {
            std::fs::remove_file(file).expect("it was written");
        }
        assert!(failed.to_string().contains("exit status: 3"), "{failed}");
        assert_eq!(text, "$ sh -c echo 1\n1\n$ sh -c echo 2; exit 3\n2\n");
    }

    #[test]
    fn the_tests_of_both_runners_are_counted() {
        let text = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured\nnoise\ntest result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured\n# pass 7\n# fail 0\n# cancelled 1\n# skipped 2\nℹ pass 4\n";
        assert_eq!(
            count(text),
            Counts {
                passed: 16,
                failed: 2,
                skipped: 3
            }
        );
    }
}
