//! A library: everybody may search it, and to read needs a permission. So somebody
//! without a login gets as far as the first book. A card needs that the user lets the
//! library ask their login provider.

mod card;

use toolkit::{
    Call, Completing, Failure, NoArguments, Prompt, PromptReply, Reply, Resource, ResourceReply,
    ResourceTemplate, Server, Tool, Variables,
};
use worker::{Context, Env, Request, Response, Result, event};

/// May read books.
const READ: &str = "books:read";
/// May close the library; the default role does not allow `admin:` to anybody.
const CLOSE: &str = "admin:close";

type Told<T> = std::result::Result<T, Failure>;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Book {
    /// Its title.
    title: String,
}

async fn search(_: Call<NoArguments>) -> Told<Reply> {
    Ok(Reply::text("There is one book: Emma."))
}

async fn lend(call: Call<Book>) -> Told<Reply> {
    Ok(Reply::text(format!("{} is yours.", call.arguments.title)))
}

async fn close(_: Call<NoArguments>) -> Told<Reply> {
    Ok(Reply::text("The library is closed."))
}

async fn summary(call: Call<Book>) -> Told<PromptReply> {
    let words = format!("Sum up {}.", call.arguments.title);
    Ok(PromptReply::text(words))
}

async fn page(call: Call<Variables>) -> Told<ResourceReply> {
    let text = "Emma Woodhouse, handsome, clever, and rich";
    Ok(ResourceReply::text(&call.arguments.uri, "text/plain", text))
}

async fn titles(_: Completing) -> Vec<String> {
    vec!["Emma".to_owned()]
}

fn server() -> Server {
    let prompt = Prompt::new::<Book>("summary", "Sums up a book.").completes("title", titles);
    let pages = ResourceTemplate::new("books://{title}", "A book").completes("title", titles);
    Server::new("library", "1.0.0")
        .public()
        .permission(READ, "Read books in your name")
        .tool(
            Tool::new::<NoArguments>("search", "Says which books there are.").read_only(),
            search,
        )
        .tool(
            Tool::new::<Book>("lend", "Lends a book.").permission(READ),
            lend,
        )
        .tool(
            Tool::new::<NoArguments>("close", "Closes the library.").permission(CLOSE),
            close,
        )
        .tool(
            Tool::new::<NoArguments>("card", "Says whose library card it is.")
                .read_only()
                .permission(card::ACT),
            card::card,
        )
        .prompt(prompt.permission(READ), summary)
        .resource(
            Resource::new("library://first", "The first page").permission(READ),
            page,
        )
        .resource(
            Resource::new("library://keys", "The keys").permission(CLOSE),
            page,
        )
        .template(pages.permission(READ), page)
}

#[event(fetch)]
async fn fetch(request: Request, _: Env, _: Context) -> Result<Response> {
    toolkit::fetch(server, request).await
}
