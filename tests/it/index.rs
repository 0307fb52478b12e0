//! The index in `.desk/cache` is only a faster way to the same answer: whatever happened to the
//! files, or to the index itself, every page is the one that reading the files gives.

use std::{
    fs::{self, File},
    time::{Duration, SystemTime},
};

use proptest::prelude::*;
use salesdesk::{
    book::{Book, ordered::Counting},
    desk::Clock,
    value::period::Period,
};
use sha2::{Digest, Sha256};

use crate::desk::Desk;

/// Everything that reads records.
const PAGES: &[&str] = &[
    "report sales",
    "report sales -p 2026 --by month,category --compare previous -O json",
    "report sales -p 2026-08 --by staff,kind",
    "report sales --by customer,product -O csv --include-void",
    "report sales -p 2026-09 customer:CX01 --by day",
    "report orders -O csv",
    "report contracts -O md",
    "order list --cols all -O json",
    "order list -p 2026-08 --include-void -O csv",
    "order export --blocks line",
    "contract list --cols all -O json",
    "contract show CT-2609-0004 -O json",
    "customer list -O csv",
    "find A100",
    "check -O json",
];

/// What changes as soon as one order does.
const QUICK: &[&str] = &["report sales --by month,product -O csv", "order list -O csv"];

/// Demands of each page that it is the one without the index.
#[track_caller]
fn agrees(desk: &Desk, pages: &[&str]) {
    for line in pages {
        let plain = desk.run(&format!("{line} --no-cache"));
        let ran = desk.run(line).code(plain.exit());
        let mut lines = ran.text().lines().zip(plain.text().lines());
        let other = lines.find(|(with, without)| with != without);
        assert!(other.is_none() && ran.text().len() == plain.text().len(), "{line}: {other:?}");
    }
}

/// The segments of a kind's folders.
fn segments(desk: &Desk, folder: &str) -> Vec<String> {
    let listed = fs::read_dir(desk.path(".desk/cache")).expect("there is a cache");
    let names = listed.map(|entry| entry.expect("an entry").file_name().into_string());
    let mut names: Vec<String> = names.map(|name| name.expect("a plain name")).collect();
    names.retain(|name| name.starts_with(folder));
    names.sort();
    names.into_iter().map(|name| format!(".desk/cache/{name}")).collect()
}

fn bytes(desk: &Desk, path: &str) -> Vec<u8> {
    fs::read(desk.path(path)).expect("the file is there")
}

/// Gives a file the time stamp it had, or another one.
fn stamp(desk: &Desk, path: &str, at: SystemTime) {
    let file = File::options().write(true).open(desk.path(path)).expect("the file is there");
    file.set_modified(at).expect("a time stamp can be set");
}

fn modified(desk: &Desk, path: &str) -> SystemTime {
    let found = fs::metadata(desk.path(path)).expect("the file is there");
    found.modified().expect("it has a time stamp")
}

const ORDER: &str = "orders/2026-08/SO-2608-0003.toml";

#[test]
fn every_page_is_the_same_with_the_index_without_it_and_once_it_was_deleted() {
    let desk = Desk::example();
    let plain = |line: &&str| desk.run(&format!("{line} --no-cache"));
    let plain: Vec<_> = PAGES.iter().map(plain).collect();
    for _ in 0..2 {
        for (line, plain) in PAGES.iter().zip(&plain) {
            desk.run(line).code(plain.exit()).stdout_is(plain.text());
        }
        assert!(segments(&desk, "orders-").len() > 5 && segments(&desk, "contracts-").len() > 5);
    }
    fs::remove_dir_all(desk.path(".desk/cache")).expect("it can be deleted");
    agrees(&desk, QUICK);
}

#[test]
fn a_segment_is_nobody_elses_to_read() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::example();
    desk.run("report sales").succeeds();
    for segment in segments(&desk, "") {
        let mode = fs::metadata(desk.path(&segment)).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{segment}");
    }
}

#[test]
fn a_segment_cut_off_or_changed_anywhere_is_as_if_it_were_not_there() {
    let desk = Desk::example();
    agrees(&desk, QUICK);
    let segment = ".desk/cache/orders-2026-08";
    let whole = bytes(&desk, segment);
    let ends = [0, 1, 31, 32, 39, 40, 41, 100, whole.len() / 2, whole.len() - 1];
    let flips = [0, 31, 33, 36, 39, 40, 77, 300, whole.len() / 2, whole.len() - 1];
    let line = QUICK[0];
    let plain = desk.run(&format!("{line} --no-cache"));
    for end in ends {
        desk.write(segment, &whole[..end]);
        desk.run(line).succeeds().stdout_is(plain.text());
    }
    for at in flips {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x10;
        desk.write(segment, flipped);
        desk.run("order list -O csv").succeeds();
        desk.run(line).succeeds().stdout_is(plain.text());
    }
    let other = bytes(&desk, ".desk/cache/orders-2026-07");
    desk.write(segment, other);
    agrees(&desk, QUICK);
}

#[test]
fn an_index_that_is_a_link_is_not_followed() {
    let desk = Desk::example();
    let outside = desk.outside().join("elsewhere");
    fs::create_dir_all(&outside).expect("a folder");
    fs::create_dir_all(desk.path(".desk")).expect("a folder");
    std::os::unix::fs::symlink(&outside, desk.path(".desk/cache")).expect("a link");
    agrees(&desk, QUICK);
    assert_eq!(fs::read_dir(&outside).expect("it is there").count(), 0);
}

#[test]
fn every_way_a_file_can_change_is_seen() {
    let desk = Desk::example();
    agrees(&desk, QUICK);
    // From here on the time stamps of the files prove something.
    std::thread::sleep(Duration::from_millis(2200));
    agrees(&desk, QUICK);
    let text = desk.read(ORDER);

    // The same size, and the time stamp put back.
    let at = modified(&desk, ORDER);
    let digit = text.find("qty = ").expect("a line has a quantity") + 6;
    let mut other = text.clone().into_bytes();
    other[digit] = if other[digit] == b'9' { b'8' } else { b'9' };
    desk.write(ORDER, &other);
    stamp(&desk, ORDER, at);
    agrees(&desk, QUICK);

    // Replaced by another file of the same size and time stamp.
    desk.write("orders/2026-08/new", &text);
    stamp(&desk, "orders/2026-08/new", at);
    fs::rename(desk.path("orders/2026-08/new"), desk.path(ORDER)).expect("it can be replaced");
    agrees(&desk, QUICK);

    // A clock that was wrong: written in the future, or long ago.
    desk.write(ORDER, &other);
    stamp(&desk, ORDER, SystemTime::now() + Duration::from_secs(86_400));
    agrees(&desk, QUICK);
    desk.write(ORDER, &text);
    stamp(&desk, ORDER, SystemTime::UNIX_EPOCH + Duration::from_secs(1));
    agrees(&desk, QUICK);

    // Broken, named, and mended.
    desk.write(ORDER, &text[..text.len() / 2]);
    agrees(&desk, QUICK);
    desk.run(QUICK[0]).code(3);
    desk.write(ORDER, &text);
    agrees(&desk, QUICK);
    desk.run(QUICK[0]).succeeds();

    // Gone, added, a folder or a link of its name.
    fs::remove_file(desk.path(ORDER)).expect("it can be removed");
    agrees(&desk, QUICK);
    fs::create_dir(desk.path(ORDER)).expect("a folder");
    agrees(&desk, QUICK);
    fs::remove_dir(desk.path(ORDER)).expect("it can be removed");
    std::os::unix::fs::symlink(desk.path("desk.toml"), desk.path(ORDER)).expect("a link");
    agrees(&desk, QUICK);
    fs::remove_file(desk.path(ORDER)).expect("it can be removed");
    desk.write("orders/2026-08/SO-2608-0099.toml", text.replace("SO-2608-0003", "SO-2608-0099"));
    agrees(&desk, QUICK);
    fs::remove_dir_all(desk.path("orders/2026-07")).expect("a month can be removed");
    agrees(&desk, QUICK);
}

#[test]
fn what_a_figure_rests_on_besides_its_file_is_seen() {
    let desk = Desk::example();
    agrees(&desk, QUICK);
    desk.change("desk.toml", "time_zone = \"Asia/Shanghai\"", "time_zone = \"America/New_York\"");
    agrees(&desk, QUICK);
    desk.change("desk.toml", "prices_include_tax = true", "prices_include_tax = false");
    agrees(&desk, QUICK);
    desk.change("desk.toml", "currency = \"CNY\"", "currency = \"USD\"");
    agrees(&desk, QUICK);
    let product = desk.read("products/A100.toml").replace("unit = \"pc\"", "unit = \"box\"");
    desk.write("products/A100.toml", product);
    agrees(&desk, QUICK);
    fs::remove_file(desk.path("products/C1.toml")).expect("it can be removed");
    agrees(&desk, QUICK);
}

#[test]
fn warnings_of_sound_files_are_said_every_time() {
    let desk = Desk::example();
    let text = desk.read(ORDER).replace('\n', "\r\n");
    desk.write(ORDER, text);
    for _ in 0..3 {
        desk.run("report sales -q").succeeds();
        agrees(&desk, &["check -O json", "order list -O csv"]);
        desk.run("check --short").has("CRLF");
    }
}

#[test]
fn a_checkout_of_another_branch_is_seen() {
    let desk = Desk::example();
    let git = |arguments: &str| {
        let mut command = std::process::Command::new("git");
        command.args(["-c", "user.name=t", "-c", "user.email=t@example.com"]);
        let status = command.args(arguments.split(' ')).current_dir(desk.path("")).output();
        assert!(status.expect("git runs").status.success(), "{arguments}");
    };
    git("init -q -b main");
    git("add orders contracts");
    git("commit -qm one");
    git("checkout -qb other");
    agrees(&desk, QUICK);
    desk.change(ORDER, "[[approval]]", "[[closure]]\nline = 1\nqty = 1\nat = 2026-03-02T10:00:00+08:00\nby = \"wang\"\nreason = \"x\"\n\n[[approval]]");
    fs::remove_dir_all(desk.path("orders/2026-05")).expect("a month can be removed");
    git("commit -qam two");
    agrees(&desk, QUICK);
    git("checkout -q main");
    agrees(&desk, QUICK);
    git("checkout -q other");
    agrees(&desk, QUICK);
}

#[test]
fn what_points_at_a_record_is_found_with_the_index_and_without_it() {
    let desk = Desk::example();
    for line in [
        "customer void CX01 --reason x -n",
        "contract void CT-2601-0001 --reason x -n",
        "product void A100 --reason x -n",
        "order void SO-2609-0004 --reason x -n",
    ] {
        let plain = desk.run(&format!("{line} --no-cache"));
        for _ in 0..2 {
            let with = desk.run(line).code(plain.exit());
            assert_eq!(with.text(), plain.text(), "{line}");
        }
    }
    desk.run("contract void CT-2601-0001 --reason x -n").code(3).stderr_code("ref.void");
}

/// One thing that someone does between two looks.
fn act(desk: &Desk, act: u8, which: u8) {
    let months = ["2026-07", "2026-08", "2026-09"];
    let folder = format!("orders/{}", months[usize::from(which) % 3]);
    let listed = fs::read_dir(desk.path(&folder)).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        listed.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    let Some(name) = names.get(usize::from(which) % names.len().max(1)) else { return };
    let path = format!("{folder}/{name}");
    let text = desk.read(&path);
    let at = modified(desk, &path);
    match act {
        0 => desk.write(&path, text.replace("qty = 1", "qty = 3")),
        1 => fs::remove_file(desk.path(&path)).expect("it can be removed"),
        2 => {
            let id = name.trim_end_matches(".toml");
            let new = format!("{}9{:03}", &id[..8], which);
            desk.write(&format!("{folder}/{new}.toml"), text.replace(id, &new));
        }
        3 => desk.write(&path, text.replacen("[[line]]", "[[line", 1)),
        4 => desk.write(&path, text.replacen("[[line\n", "[[line]]\n", 1)),
        5 => {
            desk.write(&path, text.replace("qty = 2", "qty = 5"));
            stamp(desk, &path, at);
        }
        6 => stamp(desk, &path, SystemTime::now() + Duration::from_secs(3600)),
        7 => desk.write(
            &path,
            text.replacen("date = 2026-0", "ordered_on = 2026-02-01\ndate = 2026-0", 1),
        ),
        8 => desk.write(&path, text.replacen("staff = ", "remarks = ", 1)),
        9 => desk.write(&path, text.replace("price = ", "discount_pct = \"5\"\nprice = ")),
        10 => {
            let config = desk.read("desk.toml");
            desk.write("desk.toml", config.replace("\"total\"", "\"line\""));
        }
        11 => {
            let customer = desk.read("customers/CX02.toml").replace("\"east\"", "\"north\"");
            desk.write("customers/CX02.toml", customer);
        }
        _ => {
            for segment in segments(desk, "orders-").iter().skip(usize::from(which) % 4).step_by(3)
            {
                let mut bytes = bytes(desk, segment);
                let at = usize::from(which) * 17 % bytes.len();
                if which.is_multiple_of(2) {
                    bytes.truncate(at)
                } else {
                    bytes[at] ^= 1
                }
                desk.write(segment, bytes);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, max_shrink_iters: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_done_between_two_looks_the_pages_agree(
        acts in proptest::collection::vec((0_u8..13, any::<u8>()), 1..12)
    ) {
        let desk = Desk::example();
        desk.run(QUICK[0]).succeeds();
        // One page brings the index up to what was done; the other one does so next time.
        for (at, (what, which)) in acts.into_iter().enumerate() {
            act(&desk, what, which);
            agrees(&desk, &QUICK[at % QUICK.len()..][..1]);
        }
        agrees(&desk, QUICK);
        agrees(&desk, &["report orders -O csv", "report contracts -O csv"]);
    }
}

#[test]
fn broken_files_are_named_in_the_order_of_their_names() {
    let desk = Desk::example();
    for no in 1..=6 {
        let path = format!("orders/2026-07/SO-2607-000{no}.toml");
        desk.write(&path, desk.read(&path) + "xx");
    }
    let named = || -> Vec<usize> {
        let said = desk.run("report sales -q").code(3).to_string();
        let at = |no: u8| said.find(&format!("SO-2607-000{no}.toml")).expect("it is named");
        (1..=6).map(at).collect()
    };
    // The second look has a segment of the sound files.
    for look in 0..2 {
        assert!(named().is_sorted(), "look {look}");
    }
}

/// The data directory, opened by this process.
fn opened(desk: &Desk) -> Book {
    let opened = salesdesk::desk::Desk {
        root: desk.path(""),
        user: None,
        site: String::new(),
        now: Clock::GivenDay("2026-09-23".parse().expect("a day")),
        cache: true,
        command: String::new(),
        rev: None,
    };
    opened.book().unwrap_or_else(|error| panic!("{error:?}"))
}

fn read_all(book: &Book) {
    book.ordered::<(), _>(Period::default(), Counting::default(), |_, _| {});
}

#[test]
fn figures_worked_out_by_older_settings_are_not_taken_for_those_of_newer_ones() {
    let desk = Desk::example();
    desk.change(ORDER, "prices_include_tax = true\n", "");
    let before = opened(&desk);
    desk.change("desk.toml", "prices_include_tax = true", "prices_include_tax = false");
    read_all(&before);
    agrees(&desk, QUICK);
}

#[test]
fn a_link_where_a_segment_is_being_written_is_not_followed() {
    let desk = Desk::example();
    desk.write("../precious", "precious");
    fs::create_dir_all(desk.path(".desk/cache")).expect("a folder");
    let segment = ".desk/cache/orders-2026-08";
    let temporary = format!(".desk/cache/.tmp-{}-orders-2026-08", std::process::id());
    let outside = desk.outside().join("precious");
    std::os::unix::fs::symlink(outside, desk.path(&temporary)).expect("a link");
    read_all(&opened(&desk));
    assert_eq!(desk.read("../precious"), "precious");
    let found = fs::symlink_metadata(desk.path(segment)).expect("the segment is written");
    assert!(found.is_file() && !desk.path(&temporary).exists());
}

#[test]
fn a_pipe_in_place_of_a_segment_is_not_waited_for() {
    let desk = Desk::example();
    fs::create_dir_all(desk.path(".desk/cache")).expect("a folder");
    let pipe = desk.path(".desk/cache/orders-2026-08");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs");
    assert!(made.success());
    agrees(&desk, QUICK);
    assert!(
        fs::symlink_metadata(&pipe).expect("it is there").is_file(),
        "a segment took its place"
    );
}

#[test]
fn a_segment_of_any_length_that_was_not_written_here_is_not_read() {
    let desk = Desk::example();
    desk.run(QUICK[0]).succeeds();
    let path = ".desk/cache/orders-2026-08";
    desk.write(path, [&[0; 64][..], &(190_u64 << 30).to_le_bytes()].concat());
    let file = File::options().write(true).open(desk.path(path)).expect("it is there");
    file.set_len(200 << 30).expect("it may have holes");
    agrees(&desk, QUICK);
}

/// A segment whose figures are those of one text, and whose digests those of another.
fn forged(segment: &[u8], said: &str, held: &str) -> Vec<u8> {
    let digest = |bytes: &[u8]| -> [u8; 32] { Sha256::digest(bytes).into() };
    let replaced = |bytes: &[u8], old: [u8; 32], new: [u8; 32]| -> Vec<u8> {
        let at = bytes.windows(32).position(|part| part == old).expect("the digest is there");
        [&bytes[..at], &new, &bytes[at + 32..]].concat()
    };
    let length = u64::from_le_bytes(segment[64..72].try_into().expect("eight bytes"));
    let (head, body) = segment[72..].split_at(usize::try_from(length).expect("a length"));
    let other = replaced(body, digest(said.as_bytes()), digest(held.as_bytes()));
    let head = replaced(head, digest(body), digest(&other));
    [&segment[..32], &digest(&head), &segment[64..72], &head, &other].concat()
}

#[test]
fn segments_that_came_with_a_copy_of_the_cache_are_not_believed() {
    let desk = Desk::example();
    let text = desk.read(ORDER);
    let plain = desk.run(QUICK[0]);
    let false_text = text.replacen("qty = ", "qty = 1000", 1);
    desk.write(ORDER, &false_text);
    desk.run(QUICK[0]).succeeds();
    let path = ".desk/cache/orders-2026-08";
    let segment = forged(&bytes(&desk, path), &false_text, &text);
    desk.write(ORDER, &text);
    // Written into the folder that made it, the forgery is a good one.
    desk.write(path, &segment);
    assert_ne!(desk.run(QUICK[0]).succeeds().text(), plain.text());
    desk.write(path, &segment);
    fs::rename(desk.path(".desk/cache"), desk.path(".desk/was")).expect("it can be renamed");
    fs::create_dir(desk.path(".desk/cache")).expect("a folder");
    for name in fs::read_dir(desk.path(".desk/was")).expect("it is there") {
        let name = name.expect("an entry").file_name();
        let to = desk.path(".desk/cache").join(&name);
        fs::copy(desk.path(".desk/was").join(&name), to).expect("it can be copied");
    }
    agrees(&desk, QUICK);
    desk.run(QUICK[0]).stdout_is(plain.text());
}

#[test]
fn a_name_that_is_no_text_is_named() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let desk = Desk::example();
    let files = [("orders/2026-08", ORDER), ("customers", "customers/CX01.toml")];
    for (folder, file) in files {
        let name = OsStr::from_bytes(b"SO-2608-00\xff.toml");
        fs::copy(desk.path(file), desk.path(folder).join(name)).expect("it can be copied");
    }
    for _ in 0..2 {
        let ran = desk.run("check --short").code(3);
        for (folder, _) in files {
            let place = format!("{folder}/SO-2608-00\u{fffd}.toml");
            assert!(ran.text().contains(&place), "no {place} in {ran}");
        }
        agrees(&desk, &["check -O json", "report sales -O csv"]);
    }
}
