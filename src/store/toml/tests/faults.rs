//! explore
use super::*;
#[test]
fn explore() {
    let input = std::fs::read_to_string("/tmp/t2").unwrap();
    for part in input.split("%%%\n") {
        println!("=====\n{part}");
        let r = read("a.toml", part.as_bytes(), &order_fields());
        for f in &r.findings {
            let At::Span(s) = &f.place.at else { panic!() };
            println!(
                "  {} {:?} {:?} | {} | hint {:?} | fix {:?} | {:?}",
                f.code,
                s,
                part.get(s.clone()),
                f.message,
                f.hint,
                f.fix,
                f.others
            );
        }
    }
}
