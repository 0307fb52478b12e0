//! Rules that someone lets pass: one `[[override]]` for each, with who, when, why and until when.
//!
//! For the acts whose gates can be passed over. Whether one counts is judged by the rule itself.

use serde_json::{Map, Value};

use super::{Actor, now, value};
use crate::{
    book::Book,
    error::{Error, Result},
};

/// Rules that are let pass.
#[derive(Debug, Clone, Default)]
pub struct Allowed {
    /// Codes.
    pub rules: Vec<String>,
    /// Why.
    pub reason: Option<String>,
    /// Last day that holds.
    pub until: Option<String>,
}

impl Allowed {
    /// An `[[override]]` for each rule, for what a record holds where its digest is given.
    pub(super) fn blocks(
        &self,
        book: &Book,
        actor: Actor<'_>,
        of: Option<&str>,
    ) -> Result<Vec<Map<String, Value>>> {
        let reason = self.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
        if !self.rules.is_empty() && reason.is_none() {
            return Err(Error::usage("a reason is needed").hint("--comment \"why\""));
        }
        let until = self.until.as_deref().map(|until| value::day(book, until)).transpose()?;
        let block = |rule: &String| {
            if !crate::rules::may_override(rule) {
                let rules = crate::rules::OVERRIDABLE.join(", ");
                return Err(Error::usage(format!("no rule \"{rule}\" can be passed over"))
                    .hint(format!("rules that can: {rules}")));
            }
            let mut block = Map::from_iter([
                ("rule".to_owned(), Value::from(rule.as_str())),
                ("by".to_owned(), actor.user.into()),
                ("at".to_owned(), now(book).into()),
            ]);
            block.extend(reason.map(|reason| ("reason".to_owned(), reason.into())));
            block.extend(until.map(|until| ("until".to_owned(), until.to_string().into())));
            block.extend(of.map(|of| ("of".to_owned(), of.into())));
            Ok(block)
        };
        self.rules.iter().map(block).collect()
    }
}
