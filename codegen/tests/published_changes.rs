//! Changes each fact of a page, removes it and adds others: every change is noticed, with the fact that changed. The pages are of an
//! invented harbour; the real page is changed in the same ways if it is available.

use placewise_codegen::finding::{Severity, render};
use placewise_codegen::published::{ComparedFact, Drift};

#[path = "published/changed.rs"]
mod changed;
#[path = "published/real_page.rs"]
mod real_page;
#[path = "published/spec_of.rs"]
mod spec_of;

use changed::{Changed, each_changed};
use real_page::real_page;
use spec_of::Spec;

const BOATS: &str = include_str!("published/boats.txt");
const MOVES: &str = include_str!("published/moves.txt");
const CRANES: &str = include_str!("published/cranes.md");

fn pages() -> Vec<(String, Spec)> {
    let invented = [BOATS, MOVES, CRANES].map(|page| (page.to_owned(), Spec::of(page, "X-Harbour")));
    let real = real_page().map(|page| {
        let spec = Spec::of(&page, "X-Customer");
        (page, spec)
    });
    invented.into_iter().chain(real).collect()
}

/// Findings as `code at fact`, without the subject's own path.
fn found(spec: &Spec, drift: &Drift) -> Vec<String> {
    let root = format!("reports/{}", spec.report.name);
    let short = |fact: &str| fact.strip_prefix(&root).map_or(fact, |rest| rest.trim_start_matches('/')).to_owned();
    drift.findings.iter().map(|one| format!("{} at {}", one.finding.code, short(&one.fact))).collect()
}

/// Whether the findings say that something about a fact is wrong or unknown. A fact that the page still states in another place, or an
/// example that states a label, may have a finding elsewhere.
fn is_noticed(drift: &Drift, fact: &ComparedFact) -> bool {
    let above = |a: &str, b: &str| a == b || b.strip_prefix(a).is_some_and(|rest| rest.starts_with('/'));
    let errors: Vec<_> = drift.findings.iter().filter(|one| one.finding.severity == Severity::Error).collect();
    let near = errors.iter().any(|one| one.fact == "page" || above(&one.fact, &fact.fact) || above(&fact.fact, &one.fact));
    let stated = drift.facts.iter().any(|known| known.fact == fact.fact && known.stated == fact.stated);
    let in_examples = fact.fact.contains("/labels") && errors.iter().any(|one| one.fact.contains("/examples/"));
    near || (!errors.is_empty() && (stated || in_examples))
}

fn show(spec: &Spec, page: &str, drift: &Drift) -> String {
    render(&drift.plain_findings(), &spec.sources(page), false)
}

#[test]
fn each_page_agrees_with_its_own_spec() {
    for (page, spec) in pages() {
        let drift = spec.drift(&page);
        assert!(drift.findings.is_empty(), "{}\n{}", show(&spec, &page, &drift), spec.yaml);
        assert!(drift.facts.len() > 20 && drift.unreached.is_empty());
    }
}

#[test]
fn what_one_field_alone_has_agrees_with_a_spec_that_states_it() {
    for (page, from, to) in [
        (BOATS, "insured#", "insured (deprecated)#"),
        (BOATS, "TypeFilterableReadonly\nBoolean", "TypeFilterable\nBoolean"),
        (BOATS, "TypeFilterableReadonly\nBoolean", "TypeFilterableCan change?\nBoolean"),
        (MOVES, "TypeFilterable\nString", "TypeFilterableReadonly\nString"),
        (CRANES, "| Enum | ✅ | ✅ |", "| Enum | ✅ | ❌ |"),
    ] {
        let changed = page.replacen(from, to, 1);
        let spec = Spec::of(&changed, "X-Harbour");
        let drift = spec.drift(&changed);
        assert!(drift.findings.is_empty(), "{to}: {}\n{}", show(&spec, &changed, &drift), spec.yaml);
        assert!(!spec.drift(page).findings.is_empty(), "{to}\n{}", spec.yaml);
    }
}

/// Changes one character of what states the fact.
fn altered(page: &str, fact: &ComparedFact) -> Option<String> {
    let span = fact.place.span.clone();
    let text = &page[span.clone()];
    let (at, c) = text.char_indices().rev().find(|(_, c)| c.is_alphanumeric())?;
    let at = span.start + at + c.len_utf8();
    let more = if c.is_ascii_digit() { "7" } else { "x" };
    Some(format!("{}{more}{}", &page[..at], &page[at..]))
}

/// Removes the line that states the fact.
fn removed(page: &str, fact: &ComparedFact) -> String {
    let start = page[..fact.place.span.start].rfind('\n').map_or(0, |at| at + 1);
    let end = page[fact.place.span.start..].find('\n').map_or(page.len(), |at| fact.place.span.start + at + 1);
    format!("{}{}", &page[..start], &page[end..])
}

#[test]
fn each_fact_changed_or_removed_is_noticed() {
    let (mut missed, mut count) = (Vec::new(), 0);
    for (page, spec) in pages() {
        for fact in spec.drift(&page).facts {
            let copies = [("changed", altered(&page, &fact)), ("removed", Some(removed(&page, &fact)))];
            for (what, copy) in copies {
                let Some(copy) = copy else { continue };
                let drift = spec.drift(&copy);
                count += 1;
                if !is_noticed(&drift, &fact) {
                    missed.push(format!("{what}: {} = {} -> {:?}", fact.fact, fact.stated, found(&spec, &drift)));
                }
            }
        }
    }
    assert!(missed.is_empty(), "{} of {count} changes were not noticed:\n{}", missed.len(), missed.join("\n"));
    assert!(count > 200);
}

/// Makes each change, and compares the findings, joined by `; `.
fn each_is_noticed(page: &str, header: &str, changes: &[Changed<'_, &str>]) {
    let spec = Spec::of(page, header);
    each_changed(page, changes, |copy, expected| {
        let drift = spec.drift(copy);
        let found = found(&spec, &drift).join("; ");
        (found != *expected).then(|| format!("{found:?}\n{}", show(&spec, copy, &drift)))
    });
}

#[test]
fn changes_of_copied_text_are_noticed() {
    each_is_noticed(
        BOATS,
        "X-Harbour",
        &[
            // Permit and cost.
            ("Boats12\n", "Boats2.5\n", "page-unread at cost"),
            ("Boats12\n", "Boats12 (+1 per month)\n", "page-unread at cost"),
            ("Boats12\n", "Boats\n", "page-unread at cost"),
            ("tokens cost\n", "tokens costRegion\n", "page-unread at "),
            ("tokens cost\n", "tokens costAvailable intervals\n", ""),
            // The cells of a field.
            ("Integer\nInternal", "Integer☑\nInternal", "page-unread at fields/id"),
            (
                "Integer\nInternal",
                "Integer☑YES\nInternal",
                "page-unread at fields; page-unread at fields; drift-filterable at fields/id/filterable; drift-column at fields/id/column",
            ),
            ("Integer\nInternal", "Integeryes\nInternal", "drift-type at fields/id/type"),
            (
                "Integer\nInternal",
                "IntegerNOfalse\nInternal",
                "page-unread at fields; page-unread at fields; drift-filterable at fields/id/filterable; drift-column at fields/id/column",
            ),
            ("Integer\nInternal", "Integer (sometimes)\nInternal", "drift-type at fields/id/type"),
            ("(via X-Harbour header)", "(via X-Harbour or X-Harbour-Slug header)", "page-unread at fields/harbour_id/filterable"),
            ("(via X-Harbour header)", "(by X-Harbour header)", "page-unread at fields/harbour_id/filterable"),
            ("(via X-Harbour header)", "via X-Port header", "drift-filterable at fields/harbour_id/filterable"),
            (
                "(via X-Harbour header)",
                "(via X-Harbour header)✅",
                "page-unread at fields; page-unread at fields; drift-column at fields/harbour_id/column",
            ),
            ("TypeFilterableReadonly\nBoolean", "TypeFilterable\nBoolean", "drift-column at column"),
            ("TypeFilterableReadonly\nBoolean", "TypeFilterableCan change?\nBoolean", "drift-column at column"),
            ("TypeFilterableReadonly\nBoolean", "TypeFilterableReadonlyUnit\nBoolean", "drift-column at column"),
            ("TypeFilterableReadonly\nBoolean", "Boolean", "page-unread at fields/insured/type; page-unread at fields/insured"),
            ("\nBoolean\n", "\nBoolean or String\n", "page-unread at fields/insured/type"),
            ("\nBoolean\n", "\n\n", "page-unread at fields/insured/type"),
            ("\nBoolean\n", "\nBoolean\nInteger\n", "page-unread at fields/insured"),
            // Sentences with words of facts.
            ("Whether it is insured.", "Whether it is insured. Can be null.", "page-unread at fields/insured/prose"),
            ("Whether it is insured.", "This field is not filterable.", "page-unread at fields/insured/prose"),
            ("Whether it is insured.", "Obsolete, use flag.", "page-unread at fields/insured/prose"),
            ("Whether it is insured.", "No longer supported.", "page-unread at fields/insured/prose"),
            ("Whether it is insured.", "Whether it ~~is~~ was insured.", "page-unread at fields/insured/prose"),
            ("of the harbour.\n\nIt", "of the harbour. Requires also Harbour:Api:Extra permit.\n\nIt", "page-unread at prose"),
            ("of the harbour.\n\nIt", "of the harbour. Each aggregation costs 1 additional token.\n\nIt", "page-unread at prose"),
            ("list of boats.", "list of boats. Single query can return up to 50 records.", "page-unread at examples/rows/prose"),
            ("row-boat\n", "row-boat\n\nSince June also houseboat.\n", "page-unread at fields/kind/prose"),
            ("\"berth_ids\":[\"A1\"],", "\"berth_ids\":[\"A1\",],", "page-broken-example at examples/rows"),
            ("Aggregations#\n", "Aggregationsx#\n", "page-unread at sections/Aggregationsx"),
            // Headings.
            ("insured#", "insured (deprecated)#", "drift-deprecated at fields/insured/deprecated"),
            ("insured#", "~~insured~~#", "page-unread at fields/insured"),
            ("insured#", "insured (beta)#", "page-unread at fields/insured"),
            ("insured#", "Insured boats#", "page-unread at sections/Insured boats; page-unreached at "),
            ("insured#", "flag#", "page-twice at fields/flag; drift-field-missing at fields/insured"),
            (
                "Whether it is insured.",
                "Whether it is insured. Deprecated: use flag.",
                "drift-deprecated at fields/insured/deprecated",
            ),
            (
                "Query without aggregations#",
                "Known limits#\n\nAt most 5 boats.\n\nQuery without aggregations#",
                "page-unread at sections/Known limits",
            ),
            ("Aggregations#", "Limits#\n\nAggregations#", "page-unread at sections/Limits"),
            ("kind#\n\nOne row", "kind (deprecated)#\n\nOne row", "drift-deprecated at aggregations/kind/deprecated"),
            // Values.
            (
                "Internal ID of the boat.",
                "Internal ID of the boat.\nThis field is an enum, possible values are:\n1\n2",
                "drift-values at fields/id/values",
            ),
            ("row-boat\n", "row-boat\nHouse Boat\n", "page-unread at fields/kind"),
            ("row-boat\n", "row-boat\n• house boat\n", "drift-values at fields/kind/values"),
            ("in - coming", "in, inwards - coming", "page-unread at fields/direction; page-unreached at "),
            ("\nsail\n", "\nsail\nsail\n", ""),
            ("Berths it has.", "Berths it has.\n- A1\n- A2", "page-unread at fields/berth_ids"),
            (
                "Berths it has.",
                "Berths it has, up to 5:\n{\"most\": 5}",
                "example-type at examples/fields/berth_ids; drift-example-added at examples/fields/berth_ids; page-unread at fields/berth_ids/prose",
            ),
            ("Its length.", "Its length.\nUnit | Metres", "page-unread at fields/length"),
            ("paid - tolls paid", "Paid - tolls paid", "page-unread at fields/tolls; page-unreached at "),
            // Returned fields.
            ("KeyTypeDescription", "KeyTypeDescriptionUnit", "page-unread at aggregations/kind/returns"),
            ("KeyTypeDescription", "NameTypeDescription", "page-unread at aggregations/kind; page-unreached at "),
            ("kindEnumSee in Fields", "kindEnumKind of the boat", "drift-see-fields at aggregations/kind/returns/kind/field"),
            ("kindEnumSee in Fields", "kindEnum", "page-unreached at "),
            ("idsArray[Integer]Boats added up", "idsArray[Integer]See in Fields", ""),
            (
                "kindEnumSee in Fields\nharbour_idStringSee in Fields",
                "harbour_idStringSee in Fields\nkindEnumSee in Fields",
                "drift-order at aggregations/kind/returns",
            ),
            (
                "toll_sumCubitsSum of it",
                "toll_sumCubitsSum of it\nkindEnumSee in Fields",
                "page-twice at aggregations/kind/returns",
            ),
            ("toll_sumCubitsSum of it", "toll_sumCubitsSum of it\nTotals: 5", "page-unread at aggregations/kind"),
            // Examples.
            ("\"length\":12.50", "\"length\":\"12.50\"", "drift-example-value at examples/rows/records/0/length"),
            ("\"id\":7,", "\"id\":\"7\",", "example-type at examples/rows/records/0/id"),
            ("\"id\":7,", "\"id\":8,", "drift-example-value at examples/rows/records/0/id"),
            ("\"id\":7,", "\"id\":7, \"id\":7,", "page-broken-example at examples/rows"),
            ("\"id\":7,", "// a comment\n\"id\":7,", "page-broken-example at examples/rows"),
            ("\"id\":7,", "\"id\":7, ...", "page-broken-example at examples/rows"),
            ("2025-04-11T08:29:09\"", "2025-04-11T08:29:09Z\"", "drift-quirk at quirks/zoneless/moored_at"),
            (
                "2025-04-11T08:29:09Z\"",
                "2025-04-11T08:29:09\"",
                "example-zone at examples/aggregations/kind/records/0/first_moored_at",
            ),
            ("\"ids\":[7]", "\"ids\":[7, 8]", "drift-example-value at examples/aggregations/kind/records/0/ids"),
            (
                "\"next_page_info\": \"abc\"",
                "\"next_page_info\": \"abc\", \"total\": 1",
                "drift-example-keys at examples/rows/pagination/total",
            ),
            (
                "    \"result_type\": \"records\"\n}\n",
                "    \"result_type\": \"records\"\n} and so on\n",
                "page-unread at examples/rows",
            ),
            (
                "    \"result_type\": \"records\"\n}\n",
                "    \"result_type\": \"records\"\n}\n{ \"error\": 1 }\n",
                "example-shape at examples/rows; drift-example-added at examples/rows",
            ),
            ("    \"result_type\": \"records\"\n}\n", "    \"result_type\": \"records\"\n", "page-unread at examples/rows"),
            ("\"records\": [", "records: [", "page-unread at examples/rows"),
        ],
    );
}

#[test]
fn changes_of_a_timeseries_page_are_noticed() {
    each_is_noticed(
        MOVES,
        "X-Harbour",
        &[
            (
                "(timeseries)\n\nReq",
                "(records)\n\nReq",
                "page-unread at examples/rows; drift-format at format; page-unreached at ",
            ),
            (
                "(timeseries)\n\nReq",
                "(charts)\n\nReq",
                "page-unread at examples/rows; drift-format at format; page-unreached at ",
            ),
            ("31h, 1d~15", "35m, 1h, 1d~15", "drift-intervals at intervals"),
            ("31h, 1d~15", "31h~15", "drift-intervals at intervals"),
            ("31h, 1d~15", "41h, 1d~15", "drift-cost at cost"),
            ("31h, 1d~15", "131h, 1d~15", "drift-cost at cost"),
            ("31h, 1d~15", "31h and 1d~15", "page-unread at data_lag; drift-intervals at intervals"),
            ("31h, 1d~15", "3all~15", "page-unread at cost; page-unreached at "),
            ("~15 minutes", "~30 minutes", "drift-data-lag at data_lag"),
            ("~15 minutes", "15 minutes", "drift-data-lag at data_lag"),
            ("~15 minutes", "", "drift-data-lag at data_lag"),
            ("~15 minutes", "soon", "page-unread at data_lag"),
            ("~15 minutes", "~15 moons", "page-unread at data_lag"),
            ("intervalsData lag", "intervals", "page-unread at "),
            (
                "Series are split by direction.\n\nLabels#\n\nKeyTypeDescription\ndirectionEnumSee in Fields\n",
                "",
                "page-unreached at ",
            ),
            (
                "KeyTypeDescription\ndirectionEnumSee in Fields\n",
                "KeyTypeDescription\ndirectionEnumSee in Fields\nspeedIntegerKnots\n",
                "drift-returned-added at labels/speed",
            ),
            ("directionEnumSee in Fields\nkind", "kind", "drift-returned-missing at aggregations/kind/labels/direction"),
            ("kindStringSee in Fields", "kindEnumSee in Fields", "drift-type at aggregations/kind/labels/kind/type"),
            ("regionString", "regionInteger", "drift-type at aggregations/kind/labels/region/type"),
            ("total#\n", "", "drift-aggregation-missing at aggregations/total"),
            ("total#\n", "total#\n\nsum#\n", "drift-aggregation-added at aggregations/sum"),
            ("\"data_points\": 3", "\"data_points\": 4", "example-shape at examples/rows/data_points"),
            ("[3, null]", "[3, \"x\"]", "example-type at examples/rows/series/0/values/1"),
            (
                "{ \"direction\": \"in\" }",
                "{ \"way\": \"in\" }",
                "drift-example-keys at examples/rows/series/0/label/way; drift-example-keys at examples/rows/series/0/label/direction",
            ),
        ],
    );
}

#[test]
fn changes_of_markdown_are_noticed() {
    each_is_noticed(
        CRANES,
        "X-Harbour",
        &[
            ("Cranes | 2 |", "Cranes | 2.5 |", "page-unread at cost"),
            ("Cranes | 2 |", "Cranes | 2 (+1 per month) |", "page-unread at cost"),
            ("Cranes | 2 |", "Cranes | 3 |", "drift-cost at cost"),
            ("Cranes | 2 |", "Cranes | |", "page-unread at cost"),
            ("Cranes | 2 |", "Cranes | 2 | 5 |", "page-unread at "),
            ("| Enum | ✅ | ✅ |", "| Enum | ❌ | ✅ |", "drift-filterable at fields/state/filterable"),
            ("| Enum | ✅ | ✅ |", "| Enum | ✅ | ❌ |", "drift-column at fields/state/column"),
            ("| Enum | ✅ | ✅ |", "| Enum | YES | ✓ |", ""),
            ("| Enum | ✅ | ✅ |", "| Enum | ☑ | true |", ""),
            ("| Enum | ✅ | ✅ |", "| Enum | | ✅ |", "page-unread at fields/state/filterable"),
            ("| Enum | ✅ | ✅ |", "| Enum | ✅ | |", "page-unread at fields/state/column"),
            ("| Enum | ✅ | ✅ |", "| Enum | ✅ |", "page-unread at fields/state/column"),
            ("| Enum | ✅ | ✅ |", "| Enum | maybe | ✅ |", "page-unread at fields/state/filterable"),
            ("| Enum | ✅ | ✅ |", "| Enum | ✅ | ✅ | new |", "page-unread at fields/state"),
            ("| Enum | ✅ | ✅ |", "| Enum | (via X-Harbour header) | ✅ |", "drift-filterable at fields/state/filterable"),
            (
                "| Type | Filterable | Can change? |\n|---|---|---|\n| Enum",
                "| Type | Filterable | Can change? | Unit |\n|---|---|---|---|\n| Enum",
                "page-unread at fields",
            ),
            ("- lifting\n", "- lifting\n- waiting\n", "drift-values at fields/state/values"),
            ("- lifting\n", "", "drift-values at fields/state/values"),
            ("- lifting\n", "- Lifting a load of more than 5 tons\n", "page-unread at fields/state; page-unreached at "),
            ("- failed - checks that it failed\n", "", "drift-metrics at fields/checks/fields"),
            ("### lifts", "### lifts (deprecated)", "drift-deprecated at fields/lifts/deprecated"),
            ("### lifts", "### ~~lifts~~", "page-unread at fields/lifts"),
            ("### lifts", "### Number of lifts", "page-unread at sections/Number of lifts; page-unreached at "),
            (
                "| lifts | Integer | See in Fields |",
                "| lifts | Integer | Lifts added up |",
                "drift-see-fields at aggregations/state/returns/lifts/field",
            ),
            (
                "| lifts | Integer | See in Fields |",
                "| lifts | Integer | See in Fields | kg |",
                "page-unread at aggregations/state/returns/lifts",
            ),
            (
                "| lifts | Integer | See in Fields |",
                "| lifts | | See in Fields |",
                "page-unread at aggregations/state; page-unreached at ",
            ),
            ("### by_harbour\n\nAll cranes of a harbour.\n", "", "drift-aggregation-missing at aggregations/by_harbour"),
            (
                "## Aggregations",
                "## Rate limits\n\n| Limit | Value |\n|---|---|\n| Calls | 5 |\n\n## Aggregations",
                "page-unread at sections/Rate limits",
            ),
            ("\"lifts\": 7, \"checks\"", "\"lifts\": null, \"checks\"", "example-null at examples/rows/records/0/lifts"),
        ],
    );
}

#[test]
fn changes_of_the_real_page_are_noticed() {
    let Some(page) = real_page() else { return };
    each_is_noticed(
        &page,
        "X-Customer",
        &[
            (
                "\"created_at\":\"2025-04-11T08:29:09.359381\"",
                "\"created_at\":\"2025-04-11T08:29:09.359381Z\"",
                "drift-quirk at quirks/zoneless/created_at",
            ),
            (
                "(via X-Customer header)",
                "(via X-Customer or X-Loyalty-Club-Slug header)",
                "page-unread at fields/loyalty_club_id/filterable",
            ),
            ("audience_id#", "audience_id (deprecated)#", "drift-deprecated at fields/audience_id/deprecated"),
            ("Sendings2\n", "Sendings2.5\n", "page-unread at cost"),
            (
                "ID set by source application.",
                "ID set by source application.\nThis field is an enum, possible values are:\n1\n2",
                "drift-values at fields/source_id/values",
            ),
            (
                "reporting_idIntegerSee in Fields",
                "reporting_idIntegerID of the report",
                "drift-see-fields at aggregations/reporting_id/returns/reporting_id/field",
            ),
            ("Aggregations#\n", "Limits#\n\nAt most 10 at once.\n\nAggregations#\n", "page-unread at sections/Limits"),
        ],
    );
}
