//! The simulator, given a recorded request.

use placewise_model::{Coverage, Evidence, Exchange, Format, Model};
use placewise_simulator::{Request, SimulatedApi, Simulator};
use serde_json::Value;

use crate::layout::{add, layout, optional, same_layout, same_refusal};
use crate::{Api, edit, now, target};

/// The simulator answers that request as the API did.
pub fn replay(api: &Api, evidence: &Evidence, exchange: &Exchange) -> Result<(), String> {
    let model = &api.model;
    let simulated = simulated(api, evidence, exchange)?;
    let reply = simulated.answer(&request(model, &simulated, exchange));
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    if reply.status != exchange.status {
        return Err(format!("status {} instead of {}: {body}", reply.status, exchange.status));
    }
    let recorded = exchange.reply.clone().unwrap_or_default();
    if exchange.status >= 400 {
        return same_refusal(model, &recorded, &body);
    }
    let cost = &model.api.rate_limit.cost;
    let costs = reply.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(cost)).map(|(_, value)| value.as_str());
    let recorded_cost = exchange.reply_headers.get(&cost.to_ascii_lowercase()).map(String::as_str);
    if costs != recorded_cost {
        return Err(format!("it costs {costs:?} tokens instead of {recorded_cost:?}"));
    }
    let partial = target(model, exchange).is_none_or(|(_, report)| report.coverage != Coverage::Whole);
    let mut simulated_layout = layout(&body);
    if target(model, exchange).is_some() {
        // A filter may leave nothing of the simulator's own data.
        add(&mut simulated_layout, &answer(model, &simulated, &wider(model, exchange)));
    }
    same_layout(&layout(&recorded), &simulated_layout, partial, &optional(model, exchange))
}

/// A simulator at the time of the exchange. Strict, if the API refused a key because it does not know it.
fn simulated(api: &Api, evidence: &Evidence, exchange: &Exchange) -> Result<SimulatedApi, String> {
    let (model, now) = (&api.model, now(evidence, exchange));
    let known =
        |key: &String| Format::ALL.iter().any(|format| model.request_keys(*format).iter().any(|(_, known)| known.value == *key));
    let details = exchange.reply.as_ref().and_then(|reply| reply.get(&model.api.error_body.details)).and_then(Value::as_object);
    let strict = exchange.status == 422 && details.is_some_and(|details| !details.keys().all(known));
    let mut simulator = Simulator::new(model.clone()).clock(move || now).customers([1, 2, 3]).strict_keys(strict);
    if let Some(id) = &model.api.rate_limit.capacity.assumption {
        simulator = simulator.assume(id, 1_000_000);
    }
    // What an endpoint answers that the spec does not describe is known from the exchange alone.
    let here = model.endpoints.iter().filter(|endpoint| endpoint.path.value.as_deref() == Some(&exchange.path));
    for endpoint in here.filter(|endpoint| endpoint.response.is_empty() && exchange.status < 400) {
        simulator = simulator.reply(&endpoint.name, exchange.reply.clone().unwrap_or_default());
    }
    simulator.build().map_err(|error| error.to_string())
}

/// The same request without filter and cursor.
fn wider(model: &Model, exchange: &Exchange) -> Exchange {
    let mut wider = exchange.clone();
    let keys = [&model.records.request.filter, &model.timeseries.request.filter, &model.records.request.cursor];
    edit(wider.body.as_mut(), |body| body.retain(|key, _| keys.iter().all(|known| known.value != *key)));
    wider
}

/// The body of the reply to a request.
fn answer(model: &Model, simulated: &SimulatedApi, exchange: &Exchange) -> Value {
    serde_json::from_slice(&simulated.answer(&request(model, simulated, exchange)).body).unwrap_or_default()
}

/// The request, with the headers that evidence leaves out, and with the simulator's own cursor.
fn request(model: &Model, simulated: &SimulatedApi, exchange: &Exchange) -> Request {
    let headers = &model.api.headers;
    let mut body = exchange.body.clone().unwrap_or_default();
    let cursor = &model.records.request.cursor.value;
    if body.get(cursor).and_then(Value::as_str).is_some_and(|text| text.starts_with("cursor-")) {
        let mut first = exchange.clone();
        edit(first.body.as_mut(), |body| drop(body.remove(cursor)));
        let reply = answer(model, simulated, &first);
        let response = &model.records.response;
        body[cursor] = reply[&response.pagination][&response.next].clone();
    }
    let request = match exchange.method.as_str() {
        "GET" => Request::new("GET", &exchange.path),
        _ => Request::post(&exchange.path, &body),
    };
    let given = |name: &str| exchange.headers.get(&name.to_ascii_lowercase()).cloned();
    let all = [
        (&headers.user_agent.name, "parity".to_owned()),
        (&headers.product_name.name, "parity".to_owned()),
        (&headers.token.name, "t0ken".to_owned()),
        (&headers.customer.name, given(&headers.customer.name).unwrap_or_else(|| model.api.customers.all.clone())),
    ];
    all.into_iter().fold(request, |request, (name, value)| request.header(name, value))
}
