//! Reads the facts of an API from its model. A test compares them with the constants that the generator writes for the same model.

use super::reader::{Node, Problem};
use crate::facts::api::{
    ApiSpec, Assumption, CustomerGrammar, ErrorBody, ErrorStatus, FilterLanguage, Header, Headers, Operator, RateLimitHeaders,
};
use crate::facts::formats::{AutoInterval, AutoStep, IntervalInfo, RecordsFormat, StatisticsFormat, TimeseriesFormat};
use crate::facts::vocabulary::{ErrorName, OverrideAt, TimePoints};
use crate::{facts::setting::Setting, text::path::is_path, time::period::Period};

type Text = Setting<&'static str>;

pub(super) fn read(model: &Node<'_>) -> Result<ApiSpec, Problem> {
    let api = model.get("api")?;
    Ok(ApiSpec {
        name: api.get_text("api")?,
        user_agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")),
        permit: api.get("permit")?.get_text("name")?,
        permit_with_report: Some(flag(&api.get("permit")?, "with_report")?)
            .filter(|setting| setting.assumption.is_none())
            .map(|setting| setting.value),
        headers: headers(&api.get("headers")?)?,
        customers: customers(&api.get("customers")?)?,
        rate_limit: rate_limit(&api.get("rate_limit")?)?,
        errors: list(&api.get("errors")?, error_status)?,
        error_body: error_body(&api.get("error_body")?)?,
        filter: filter(&model.get("filter")?)?,
        records: records(model)?,
        timeseries: timeseries(model)?,
        statistics: statistics(model)?,
        assumptions: assumptions(&model.get("assumptions")?)?,
    })
}

fn list<T>(node: &Node<'_>, read: impl Fn(&Node<'_>) -> Result<T, Problem>) -> Result<&'static [T], Problem> {
    let items: Vec<T> = node.list()?.map(|item| read(&item)).collect::<Result<_, _>>()?;
    Ok(items.leak())
}

fn text(node: &Node<'_>, key: &str) -> Result<Text, Problem> {
    node.get(key)?.setting(Node::text)
}

fn tokens(node: &Node<'_>, key: &str) -> Result<Setting<u32>, Problem> {
    node.get(key)?.setting(Node::number)
}

fn flag(node: &Node<'_>, key: &str) -> Result<Setting<bool>, Problem> {
    node.get(key)?.setting(Node::flag)
}

fn headers(node: &Node<'_>) -> Result<Headers, Problem> {
    let header = |key| header(&node.get(key)?);
    Ok(Headers {
        content_type: header("content_type")?,
        user_agent: header("user_agent")?,
        product_name: header("product_name")?,
        product_name_required: node.get("product_name")?.find_text("required")? == Some("yes"),
        subproduct_name: node.find("subproduct_name").map(|node| self::header(&node)).transpose()?,
        token: header("token")?,
        user_token: header("user_token")?,
        customer: header("customer")?,
        loyalty_club_slug: header("loyalty_club_slug")?,
        locale: header("locale")?,
    })
}

fn header(node: &Node<'_>) -> Result<Header, Problem> {
    Ok(Header { name: node.get_text("name")?, value: node.find_text("value")? })
}

fn customers(node: &Node<'_>) -> Result<CustomerGrammar, Problem> {
    Ok(CustomerGrammar {
        id_prefix: node.get_text("id_prefix")?,
        several_prefixed: flag(node, "several_prefixed")?,
        id_separator: node.get_text("id_separator")?,
        all: node.get_text("all")?,
        filter_separator: node.get_text("filter_separator")?,
        fewer_than: node.get("fewer_than")?.number()?,
    })
}

fn rate_limit(node: &Node<'_>) -> Result<RateLimitHeaders, Problem> {
    Ok(RateLimitHeaders {
        status: node.get("status")?.number()?,
        retry_after: node.get_text("retry_after")?,
        bucket: node.get_text("bucket")?,
        remaining: node.get_text("remaining")?,
        cost: node.get_text("cost")?,
        aggregation_cost: tokens(node, "aggregation_cost")?,
        unknown_cost: tokens(node, "unknown_cost")?,
    })
}

const ERRORS: [(&str, ErrorName); 13] = [
    ("bad-request", ErrorName::BadRequest),
    ("unauthorized", ErrorName::Unauthorized),
    ("feature-not-enabled", ErrorName::FeatureNotEnabled),
    ("forbidden", ErrorName::Forbidden),
    ("not-found", ErrorName::NotFound),
    ("not-possible", ErrorName::NotPossible),
    ("invalid-parameters", ErrorName::InvalidParameters),
    ("too-many-requests", ErrorName::TooManyRequests),
    ("firewall", ErrorName::Firewall),
    ("oauth-token", ErrorName::OauthToken),
    ("header-missing", ErrorName::HeaderMissing),
    ("header-incorrect", ErrorName::HeaderIncorrect),
    ("maintenance", ErrorName::Maintenance),
];

fn error_status(node: &Node<'_>) -> Result<ErrorStatus, Problem> {
    Ok(ErrorStatus {
        status: node.get("status")?.number()?,
        name: node.get("name")?.word(&ERRORS)?,
        description: node.get_text("description")?,
        advice: node.get_text("advice")?,
    })
}

fn error_body(node: &Node<'_>) -> Result<ErrorBody, Problem> {
    Ok(ErrorBody {
        message: node.get_text("message")?,
        details: node.get_text("details")?,
        symbol: node.get_text("symbol")?,
        options: node.get_text("options")?,
    })
}

fn filter(node: &Node<'_>) -> Result<FilterLanguage, Problem> {
    let (keys, operators) = (node.get("keys")?, node.get("operators")?);
    let operator = |key| -> Result<_, Problem> {
        let node = operators.get(key)?;
        Ok(Operator { name: node.get_text("name")?, cost: tokens(&node, "cost")? })
    };
    Ok(FilterLanguage {
        type_key: keys.get_text("type")?,
        operations_key: keys.get_text("operations")?,
        field_key: keys.get_text("field")?,
        value_key: keys.get_text("value")?,
        and: operator("and")?,
        or: operator("or")?,
        equal: operator("equal")?,
        not_equal: operator("not_equal")?,
        greater_than: operator("greater_than")?,
        greater_or_equal: operator("greater_or_equal")?,
        less_than: operator("less_than")?,
        less_or_equal: operator("less_or_equal")?,
        one_of: operator("one_of")?,
        none_of: operator("none_of")?,
    })
}

/// The path of the endpoint that a format names; none if the model has no such endpoint.
fn path(model: &Node<'_>, format: &Node<'_>) -> Result<Setting<Option<&'static str>>, Problem> {
    let name = format.get_text("endpoint")?;
    for endpoint in model.get("endpoints")?.list()? {
        if endpoint.get_text("name")? == name {
            return endpoint.get("path")?.setting(|path| match path.is_null() {
                true => Ok(None),
                false => match path.text()? {
                    text if is_path(text) && !text.contains('{') => Ok(Some(text)),
                    _ => Err(path.not("a path that starts with `/`, without placeholders")),
                },
            });
        }
    }
    Ok(Setting::stated(None))
}

fn records(model: &Node<'_>) -> Result<RecordsFormat, Problem> {
    let node = model.get("records")?;
    let (request, response) = (node.get("request")?, node.get("response")?);
    Ok(RecordsFormat {
        path: path(model, &node)?,
        report_key: text(&request, "report")?,
        filter_key: text(&request, "filter")?,
        aggregation_key: text(&request, "aggregation")?,
        cursor_key: text(&request, "cursor")?,
        page_size_key: text(&request, "page_size")?,
        rows_key: response.get_text("rows")?,
        pagination_key: response.get_text("pagination")?,
        next_key: response.get_text("next")?,
        null_cursor_ends: flag(&node, "null_cursor_ends")?,
        empty_cursor_ends: flag(&node, "empty_cursor_ends")?,
        result_type_key: response.get_text("result_type")?,
        result_type: response.get_text("result_type_value")?,
    })
}

fn timeseries(model: &Node<'_>) -> Result<TimeseriesFormat, Problem> {
    let node = model.get("timeseries")?;
    let (request, response) = (node.get("request")?, node.get("response")?);
    let counting = [("length", TimePoints::Length), ("buckets", TimePoints::Buckets)];
    Ok(TimeseriesFormat {
        path: path(model, &node)?,
        report_key: text(&request, "report")?,
        filter_key: text(&request, "filter")?,
        aggregation_key: text(&request, "aggregation")?,
        interval_key: text(&request, "interval")?,
        from_key: text(&request, "from")?,
        to_key: text(&request, "to")?,
        used_interval_key: response.get_text("interval")?,
        zone_key: response.get_text("zone")?,
        local_zone: response.get_text("local_zone")?,
        buckets_key: response.get_text("buckets")?,
        series_key: response.get_text("series")?,
        label_key: response.get_text("label")?,
        values_key: response.get_text("values")?,
        series_zone_key: response.get_text("series_zone")?,
        data_points_key: response.get_text("data_points")?,
        result_type_key: response.get_text("result_type")?,
        result_type: response.get_text("result_type_value")?,
        intervals: list(&node.get("intervals")?, interval)?,
        auto: auto(&node.get("auto")?)?,
        most_time_points: node.get("most_time_points")?.number()?,
        most_data_points: node.get("most_data_points")?.number()?,
        time_points: node.get("time_points")?.setting(|node| node.word(&counting))?,
    })
}

fn interval(node: &Node<'_>) -> Result<IntervalInfo, Problem> {
    let retention = node.get("retention")?;
    let retention: Option<Period> = match retention.word(&[("forever", ())]) {
        Ok(()) => None,
        Err(_) => Some(retention.period()?),
    };
    Ok(IntervalInfo { name: node.get_text("name")?, bucket_length: node.get("bucket_length")?.period()?, retention })
}

fn auto(node: &Node<'_>) -> Result<AutoInterval, Problem> {
    let step = |node: &Node<'_>| Ok(AutoStep { up_to: node.get("up_to")?.period()?, interval: node.get_text("interval")? });
    Ok(AutoInterval {
        name: node.get_text("name")?,
        steps: list(&node.get("steps")?, step)?,
        otherwise: node.get_text("otherwise")?,
    })
}

fn statistics(model: &Node<'_>) -> Result<StatisticsFormat, Problem> {
    let node = model.get("statistics")?;
    let request = node.get("request")?;
    Ok(StatisticsFormat {
        path: path(model, &node)?,
        report_key: text(&request, "report")?,
        filter_key: text(&request, "filter")?,
        aggregation_key: text(&request, "aggregation")?,
        from_key: text(&request, "from")?,
        to_key: text(&request, "to")?,
    })
}

/// The assumptions about the client or its types. Callers of the API need no others.
fn assumptions(node: &Node<'_>) -> Result<&'static [Assumption], Problem> {
    let scopes = [("client", Some(OverrideAt::Client)), ("types", Some(OverrideAt::Spec)), ("simulator", None)];
    let mut out = Vec::new();
    for node in node.list()? {
        let Some(override_at) = node.get("scope")?.word(&scopes)? else { continue };
        out.push(Assumption {
            id: node.get_text("id")?,
            value: node.get("value")?.json(),
            reason: node.get_text("reason")?,
            settled_by: node.get_text("settled_by")?,
            override_at,
        });
    }
    Ok(out.leak())
}
