//! What help and documents show works: every example of `--help`, every console block of the README and of docs/.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use crate::desk::{Desk, PROGRAM, PROJECT, same};

/// The words of a help page behind `heading`, up to the next blank line.
fn section<'a>(help: &'a str, headings: &'a [&str]) -> impl Iterator<Item = &'a str> {
    let mut lines = help.lines().skip_while(|line| !headings.contains(line));
    lines.next();
    lines.take_while(|line| line.starts_with("  ")).map(str::trim)
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
    for (name, program) in [("desk", PROGRAM), ("vi", "/bin/true")] {
        let link = programs.join(name);
        if !link.exists() {
            std::os::unix::fs::symlink(program, link).expect("a link can be made");
        }
    }
    let mut command = desk.shell(&programs);
    command.arg("-c").arg(format!("{{ {line}\n}} 2>&1")).output().expect("bash is installed")
}

/// Puts a copy of the example into the state that an example of help needs.
fn prepared(line: &str) -> Desk {
    let desk = Desk::example();
    if line.contains(" scan.pdf") {
        desk.write("scan.pdf", "%PDF-1.4");
    }
    if line.contains(" history ") {
        let git = "git init -q && git add . && git -c user.name=x -c user.email=x@example.com commit -qm first";
        assert!(shell(&desk, git).status.success());
    }
    desk
}

#[test]
fn every_example_of_help_works_on_the_example_company() {
    let desk = Desk::example();
    let mut without = BTreeSet::new();
    let mut failed = Vec::new();
    for command in commands(&desk) {
        let help = desk.run(&format!("{command} --help")).succeeds();
        let examples: Vec<_> = section(help.text(), &["Example:", "Examples:"]).collect();
        if examples.is_empty() && !help.text().contains("\nCommands:\n") {
            without.insert(command);
        }
        for example in examples {
            // A hundred thousand orders are for measuring.
            let line = example.replace("--orders 100000", "--orders 100");
            let out = shell(&prepared(&line), &line);
            if !out.status.success() {
                let said = String::from_utf8_lossy(&out.stdout).into_owned();
                failed.push(format!("$ {line}\n{said}[{}]", out.status));
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert_eq!(without, BTreeSet::new(), "commands whose help has no example");
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

/// The commands of a page's console blocks, each with the output shown behind it.
fn console(page: &str) -> Vec<(String, String)> {
    let mut shown: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        match line.strip_prefix("$ ") {
            _ if line.trim() == "```console" => inside = true,
            _ if line.starts_with("```") => inside = false,
            Some(command) if inside => shown.push((command.to_owned(), String::new())),
            _ if inside => {
                if let Some((_, output)) = shown.last_mut() {
                    output.push_str(line);
                    output.push('\n');
                }
            }
            _ => {}
        }
    }
    shown
}

#[test]
fn console_blocks_are_read() {
    let page = "x\n```console\n$ desk a\none\n...\n$ desk b\n```\n$ no\n```sh\n$ no\n```\n";
    let expected = [("desk a", "one\n...\n"), ("desk b", "")];
    assert_eq!(console(page), expected.map(|(line, output)| (line.to_owned(), output.to_owned())));
}

/// The commands of one page share a copy of the example and follow each other. A command without output shown succeeds;
/// one with output gives it, `...` standing for any lines.
#[test]
fn console_blocks_of_the_documents_show_what_happens() {
    for path in documents() {
        let page = fs::read_to_string(&path).expect("the page was listed");
        let desk = Desk::example();
        for (line, expected) in console(&page) {
            let out = shell(&desk, &line);
            let said = String::from_utf8_lossy(&out.stdout).into_owned();
            let what = format!("{}: {line}", path.display());
            if expected.is_empty() {
                assert!(out.status.success(), "{what}\n{said}");
            } else {
                same(&what, &said, expected);
            }
        }
    }
}
