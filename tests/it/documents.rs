//! What help and documents show works: every example of `--help`, every console block of the README
//! and of docs/.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use crate::desk::{Desk, PROGRAM, PROJECT, differs};

/// The lines of a help page behind a heading, up to the next blank line; what wraps is left out.
fn section<'a>(help: &'a str, headings: &'a [&str]) -> impl Iterator<Item = &'a str> {
    let mut lines = help.lines().skip_while(|line| !headings.contains(line));
    lines.next();
    let indented = lines.map_while(|line| line.strip_prefix("  "));
    indented.filter(|line| !line.starts_with(' '))
}

/// Every command of the program that has help of its own, such as `order add`.
fn commands(desk: &Desk) -> Vec<String> {
    let root = desk.run("--help").succeeds();
    let mut commands = Vec::new();
    for heading in ["Nouns:", "More nouns:", "Tools:"] {
        let headings = [heading];
        let names: Vec<_> =
            section(root.text(), &headings).filter_map(|line| line.split(' ').next()).collect();
        assert!(!names.is_empty(), "{heading}");
        for name in names {
            let help = desk.run(&format!("{name} --help")).succeeds();
            let verbs =
                section(help.text(), &["Commands:"]).filter_map(|line| line.split(' ').next());
            commands.extend(verbs.map(|verb| format!("{name} {verb}")));
            commands.push(name.to_owned());
        }
    }
    commands
}

/// Runs a line as it is printed, in a shell that finds `desk`, and an editor that changes nothing.
fn shell(desk: &Desk, line: &str) -> Output {
    let programs = desk.outside().join("bin");
    fs::create_dir_all(&programs).expect("a temporary folder can be written");
    let idle = ["/bin/true", "/usr/bin/true"].into_iter().find(|path| Path::new(path).exists());
    for (name, program) in [("desk", PROGRAM), ("vi", idle.unwrap_or("true"))] {
        let link = programs.join(name);
        if !link.exists() {
            std::os::unix::fs::symlink(program, link).expect("a link can be made");
        }
    }
    let mut command = desk.shell(&programs);
    command.arg("-c").arg(format!("{{ {line}\n}} 2>&1")).output().expect("bash is installed")
}

/// Puts a copy of the example into the state that an example of help needs.
fn prepare(desk: &Desk, line: &str) {
    if line.contains(" scan.pdf") {
        desk.write("scan.pdf", "%PDF-1.4");
    }
    if line.contains(" import ") {
        to_import(desk, line);
    }
    if line.contains(" void X1 ") {
        let noun = line.split(' ').nth(1).unwrap_or_default();
        desk.run(&format!("{noun} add X1 --name 重复")).succeeds();
    }
    if line.starts_with("desk undo") || line.starts_with("desk redo") {
        desk.run("order set SO-2609-0003 promised_on=2026-10-09").succeeds();
    }
    if line.starts_with("desk redo") {
        desk.run("undo").succeeds();
    }
    if line.contains("contract sign ") {
        let path = "contracts/2026-09/CT-2609-0004.toml";
        desk.change(path, "signed_on = 2026-09-18\n", "");
    }
    if line.contains("allocation copy ") {
        desk.run("payment set PM-2609-0001 amount=20000").succeeds();
    }
    if line.contains("ship send ") {
        desk.run("ship confirm SH-2609-0009 --all-checks").succeeds();
    }
    if line.contains("ship add --from") {
        desk.run("ship void SH-2609-0009 --reason 重开").succeeds();
    }
    if line.contains(" note.pdf") {
        desk.write("note.pdf", "signed");
    }
    if line.contains(" history ") {
        let git = "git init -q && git add . && git -c user.name=x -c user.email=x@example.com commit -qm first";
        assert!(shell(desk, git).status.success());
    }
}

/// The files that docs/import.md shows, under the names that an example of help gives them.
fn to_import(desk: &Desk, line: &str) {
    let page = fs::read_to_string(Path::new(PROJECT).join("docs/import.md")).expect("it is there");
    let shown = |fence: &str, nth: usize| {
        let block = page.split(&format!("\n```{fence}\n")).nth(nth).unwrap_or_default();
        block.split("\n```").next().unwrap_or_default().to_owned() + "\n"
    };
    desk.write("customers.csv", shown("csv", 1));
    desk.write("customers.toml", shown("toml", 1));
    let lines = if line.contains("orderdetails") { "orderdetails" } else { "lines" };
    desk.write("orders.toml", shown("toml", 2).replace("\"lines\"", &format!("\"{lines}\"")));
    for name in ["orders.csv", "export-2026.csv"] {
        desk.write(name, "OrderNo,OrderDate,Customer,Status\nA-1,2026-09-22,X01,Open\n");
    }
    for name in ["lines.csv", "orderdetails.csv", "positions.csv"] {
        desk.write(name, "Order,Item,Quantity,Price\nA-1,A100,2,128.00\nA-1,C1,3,16.00\n");
    }
}

#[test]
fn every_example_of_help_works_on_the_example_company() {
    let commands = commands(&Desk::empty());
    let share = commands.len().div_ceil(std::thread::available_parallelism().map_or(1, Into::into));
    let (failed, without) = std::thread::scope(|scope| {
        let tried = |share| scope.spawn(move || examples_that_fail(share));
        let threads: Vec<_> = commands.chunks(share).map(tried).collect();
        let ended = threads.into_iter().map(|thread| thread.join().expect("a thread ends"));
        ended.collect::<(Vec<_>, Vec<_>)>()
    });
    assert!(failed.concat().is_empty(), "{}", failed.concat().join("\n"));
    assert_eq!(without.concat(), Vec::<String>::new(), "commands whose help has no example");
}

/// The examples in the help of some commands that do not work, and the commands that have none.
fn examples_that_fail(commands: &[String]) -> (Vec<String>, Vec<String>) {
    let (mut desk, fresh) = (Desk::example(), Desk::example().tree());
    let (mut failed, mut without) = (Vec::new(), Vec::new());
    for command in commands {
        let help = desk.run(&format!("{command} --help")).succeeds();
        let examples: Vec<_> = section(help.text(), &["Example:", "Examples:"]).collect();
        if examples.is_empty() && !help.text().contains("\nCommands:\n") {
            without.push(command.clone());
        }
        for example in examples {
            // A hundred thousand orders are for measuring.
            let line = example.replace("--orders 100000", "--orders 100");
            prepare(&desk, &line);
            let out = shell(&desk, &line);
            if desk.tree() != fresh {
                desk = Desk::example();
            }
            if !out.status.success() {
                let said = String::from_utf8_lossy(&out.stdout).into_owned();
                failed.push(format!("$ {line}\n{said}[{}]", out.status));
            }
        }
    }
    (failed, without)
}

/// The README and every page of docs/.
fn documents() -> Vec<PathBuf> {
    let root = Path::new(PROJECT);
    let listed = fs::read_dir(root.join("docs")).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = listed.map(|entry| entry.path()).collect();
    paths.push(root.join("README.md"));
    paths.retain(|path| path.extension().is_some_and(|kind| kind == "md") && path.exists());
    paths.sort();
    paths
}

/// A command that a page shows, with what it ends with and says.
#[derive(Debug, Default, PartialEq)]
struct Shown {
    line: String,
    code: i32,
    output: String,
}

/// The commands of a page's console blocks. `? 3` behind a command is its exit code; 0 where there
/// is none.
fn console(page: &str) -> Vec<Shown> {
    let mut shown: Vec<Shown> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        if line.trim() == "```console" {
            inside = true;
        } else if line.starts_with("```") {
            inside = false;
        } else if let (true, Some(line)) = (inside, line.strip_prefix("$ ")) {
            shown.push(Shown { line: line.to_owned(), ..Shown::default() });
        } else if let (true, Some(last)) = (inside, shown.last_mut()) {
            match line.strip_prefix("? ").and_then(|code| code.parse().ok()) {
                Some(code) => last.code = code,
                None => last.output.push_str(&format!("{line}\n")),
            }
        }
    }
    shown
}

#[test]
fn console_blocks_are_read() {
    let page = "x\n```console\n$ desk a\none\n...\n$ desk b\n? 3\n```\n$ no\n```sh\n$ no\n```\n";
    let shown = |line: &str, code: i32, output: &str| Shown {
        line: line.to_owned(),
        code,
        output: output.to_owned(),
    };
    assert_eq!(console(page), [shown("desk a", 0, "one\n...\n"), shown("desk b", 3, "")]);
}

/// The commands of one page share a copy of the example and follow each other, `cd` included. What
/// is shown of their output is what they give, `...` standing for any lines; where nothing is
/// shown, anything goes.
#[test]
fn console_blocks_of_the_documents_show_what_happens() {
    let mut wrong = Vec::new();
    for path in documents() {
        let page = fs::read_to_string(&path).expect("the page was listed");
        let desk = Desk::example();
        let mut folder = PathBuf::from(".");
        for Shown { line, code, output } in console(&page) {
            if let Some(to) = line.strip_prefix("cd ") {
                folder.push(to);
                continue;
            }
            let out = shell(&desk, &format!("cd {} && {{ {line}\n}}", folder.display()));
            let said = String::from_utf8_lossy(&out.stdout).into_owned();
            let name = path.strip_prefix(PROJECT).unwrap_or(&path).display();
            if out.status.code() != Some(code) {
                wrong.push(format!("{name}: $ {line}\n{said}[{}], not {code}", out.status));
            } else if let (false, Some(why)) = (output.is_empty(), differs(&said, output)) {
                wrong.push(format!("{name}: $ {line}\n{why}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
