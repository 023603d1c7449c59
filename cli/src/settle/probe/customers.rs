//! Queries about one customer and about several, in each way to write them.

use super::keys::base;
use super::tools::{Reason, no_rows};
use crate::settle::lab::{Lab, Stop};
use crate::settle::live::Request;

/// The ids of some customers in the header.
fn header(lab: &Lab, ids: &[i64], prefixed: bool) -> String {
    let grammar = &lab.model.api.customers;
    let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
    let prefix = if prefixed { grammar.id_prefix.as_str() } else { "" };
    format!("{prefix}{}", ids.join(&grammar.id_separator))
}

pub(super) async fn several_prefixed(lab: &mut Lab) -> Result<Reason, Stop> {
    let Some((_, request)) = base(lab).await? else { return no_rows() };
    let ids: Vec<i64> = lab.ids.iter().copied().take(2).collect();
    // Each alone first: a customer that the token may not query would look like a wrong form.
    for id in &ids {
        let customers = Some(header(lab, &[*id], true));
        let index = lab.twice(&Request { customers, ..request.clone() }).await?;
        if !(200..300).contains(&lab.exchanges[index].status) {
            return Ok(Some("the server refuses one of the customers alone".into()));
        }
    }
    for prefixed in [true, false] {
        let customers = Some(header(lab, &ids, prefixed));
        lab.twice(&Request { customers, ..request.clone() }).await?;
    }
    Ok(Some("the server refuses both forms".into()))
}

pub(super) async fn bucket(lab: &mut Lab, several: bool) -> Result<Reason, Stop> {
    let Some((_, request)) = base(lab).await? else { return no_rows() };
    let customers = match (several, lab.ids.as_slice()) {
        (false, [id, ..]) => Some(header(lab, &[*id], true)),
        (true, ids @ [_, _, ..]) => Some(header(lab, &ids[..2], lab.model.api.customers.several_prefixed.value)),
        // All customers are several.
        _ => None,
    };
    lab.twice(&Request { customers, ..request }).await?;
    Ok(Some("no reply names its bucket".into()))
}
