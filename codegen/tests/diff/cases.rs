//! An edit for each rule: `(rule, edits)`. An edit replaces a text everywhere in a file; `REMOVE` and `MOVE` are for whole files.

/// Removes the file.
pub const REMOVE: &str = "<remove>";
/// Moves the file to the path.
pub const MOVE: &str = "<move>";

type Edit = (&'static str, &'static str, &'static str);

const API: &str = "api.yaml";
const ASSUMPTIONS: &str = "assumptions.yaml";
const BERTHS: &str = "reports/port/berths.yaml";
const CLIENT: &str = "reports/port/client.yaml";
const ENDPOINTS: &str = "endpoints.yaml";
const FILTERS: &str = "filters.yaml";
const FORMATS: &str = "formats.yaml";
const PASSAGES: &str = "reports/sea/passages.yaml";
const QUAYS: &str = "reports/port/quays.yaml";
const SWELL: &str = "reports/sea/swell.yaml";
const TIDES: &str = "reports/port/tides.yaml";
const TRAFFIC: &str = "reports/sea/traffic.yaml";
const WRECKS: &str = "reports/sea/wrecks.yaml";

/// The rules of one direction; their mirrors must be found in the other.
pub const CASES: &[(&[&str], &[Edit])] = &[
    (&["report-removed", "report-refused"], &[(TIDES, REMOVE, "")]),
    (&["report-format", "report-other-format"], &[(QUAYS, "format: records", "format: statistics")]),
    (&["report-group"], &[(TIDES, MOVE, "reports/sea/tides.yaml")]),
    (&["group-removed"], &[(API, "  sky: { description: Nothing yet., provenance: example }\n", "")]),
    (&["rust-name"], &[(CLIENT, "name: created_at_text", "name: created_at_words")]),
    (&["field-removed", "field-missing"], &[(QUAYS, "  id: { type: integer, nullable: never, description: The key. }\n", "")]),
    (
        &["field-type", "field-unreadable"],
        &[(BERTHS, "\"a b\":     { type: integer }", "\"a b\":     { type: string }"), (BERTHS, "\"a b\": 2", "\"a b\": \"2\"")],
    ),
    (
        &["field-nullability", "field-null"],
        &[(PASSAGES, "hailed:  { type: integer, nullable: never", "hailed:  { type: integer, nullable: seen")],
    ),
    (
        &["field-repeats"],
        &[(
            TRAFFIC,
            "name: { field: name, nullable: seen, provenance: example }",
            "name: { type: enum, nullable: seen, provenance: example }",
        )],
    ),
    (
        &["filter-removed", "filter-refused"],
        &[(
            BERTHS,
            "covered:   { type: boolean, nullable: seen, filterable: yes",
            "covered:   { type: boolean, nullable: seen, filterable: no",
        )],
    ),
    (&["value-removed"], &[(BERTHS, "values: [no, dk]", "values: [no]")]),
    (&["value-renamed"], &[(CLIENT, "{ value: \"-1\", name: minus one }", "{ value: \"-2\", name: minus one }")]),
    (
        &["aggregation-removed", "aggregation-refused"],
        &[(TRAFFIC, "  total:\n    description: One series.\n    labels: {}\n", "")],
    ),
    (&["aggregations-closed"], &[(QUAYS, "coverage: partial\n", "coverage: partial\nmore_aggregations: no\n")]),
    (
        &["rows-typed"],
        &[(
            ENDPOINTS,
            "coverage: partial\n    request:\n      name:   { type: string }",
            "coverage: whole\n    request:\n      name:   { type: string }",
        )],
    ),
    (&["interval-removed", "interval-refused"], &[(SWELL, "intervals: [1d, 1w, 1mo, 1y]", "intervals: [1d, 1w, 1mo]")]),
    (&["interval-length", "interval-other-length"], &[(FORMATS, "1w: { bucket_length: 1 week", "1w: { bucket_length: 2 weeks")]),
    (&["host-removed"], &[(API, "  open-sea: { url: https://harbour.invalid, provenance: assumed }\n", "")]),
    (
        &["endpoint-removed", "endpoint-refused"],
        &[(
            ENDPOINTS,
            "  export_figures: { method: POST, path: /export/figures, coverage: name-only, carries: { query: true, query_format: statistics } }\n",
            "",
        )],
    ),
    (
        &["request-key", "request-key-required"],
        &[(
            ENDPOINTS,
            "name:   { type: string }\n      kinds",
            "name:   { type: string }\n      must:   { type: string, nullable: never }\n      kinds",
        )],
    ),
    (&["request-key"], &[(ENDPOINTS, "name:   { type: string }\n      kinds", "kinds")]),
    (
        &["request-source", "endpoint-carries"],
        &[
            (ENDPOINTS, ", field: { assumed: describe-field-key }", ""),
            (ASSUMPTIONS, "  describe-field-key: { value: part, reason: A guess., settled_by: Ask., scope: client }\n", ""),
        ],
    ),
    (&["constant-removed"], &[(SWELL, "cost: 1\n", "")]),
    (
        &["request-key-renamed"],
        &[(ASSUMPTIONS, "page-size-key: { value: rows", "page-size-key: { value: size"), (BERTHS, "\"rows\": 5", "\"size\": 5")],
    ),
    (
        &["response-key-renamed"],
        &[
            (FORMATS, "rows: lines, pagination: more, next: at", "rows: lines, pagination: rest, next: at"),
            (BERTHS, "\"more\":", "\"rest\":"),
        ],
    ),
    (&["cursor-end"], &[(ASSUMPTIONS, "null-cursor-ends: { value: true", "null-cursor-ends: { value: false")]),
    (&["auto-renamed"], &[(FORMATS, "name: choose", "name: pick"), (TRAFFIC, "\"choose\"", "\"pick\"")]),
    (&["header-renamed"], &[(API, "token: { name: X-Token }", "token: { name: X-Key }")]),
    (
        &["header-required"],
        &[(API, "product_name: { name: X-Product, required: no }", "product_name: { name: X-Product, required: yes }")],
    ),
    (
        &["header-added"],
        &[(API, "  token: { name: X-Token }", "  subproduct_name: { name: X-Part }\n  token: { name: X-Token }")],
    ),
    (&["customers-grammar"], &[(API, "all: h=*", "all: h=all")]),
    (&["limit-header-renamed"], &[(API, "cost: x-cost", "cost: x-price")]),
    (&["limit-refusal"], &[(API, "retry_after: Retry-After", "retry_after: Try-After")]),
    (&["error-key-renamed"], &[(API, "message: message", "message: text")]),
    (
        &["error-meaning"],
        &[
            (API, "444: { name: firewall", "444: { name: new"),
            (API, "503: { name: maintenance", "503: { name: firewall"),
            (API, "444: { name: new", "444: { name: maintenance"),
        ],
    ),
    (
        &["error-removed"],
        &[(API, "  460: { name: oauth-token, description: The other token is wrong., advice: Check it. }\n", "")],
    ),
    (
        &["filter-key-renamed"],
        &[
            (FILTERS, "value: to }", "value: as }"),
            (BERTHS, "\"to\":", "\"as\":"),
            (TRAFFIC, "\"to\":", "\"as\":"),
            (WRECKS, "\"to\":", "\"as\":"),
        ],
    ),
    (&["operator-renamed"], &[(FILTERS, "name: under", "name: below"), (BERTHS, "\"op\": \"under\"", "\"op\": \"below\"")]),
    (&["endpoint-moved"], &[(ENDPOINTS, "path: /find", "path: /seek")]),
    (&["format-moved"], &[(FORMATS, "endpoint: ask\n", "endpoint: ask_figures\n")]),
    (&["host-moved"], &[(API, "http://127.0.0.1:8080", "http://127.0.0.1:8081")]),
    (&["cost-raised"], &[(BERTHS, "cost: 3", "cost: 5")]),
    (&["permit-needed"], &[(ENDPOINTS, "    title: Find ships\n", "    title: Find ships\n    permit: Harbour:Find\n")]),
    (&["permit-not-too"], &[(API, "with_report: true", "with_report: false")]),
    (
        &["retention-shortened"],
        &[(FORMATS, "1d: { bucket_length: 1 day, retention: 1 year", "1d: { bucket_length: 1 day, retention: 60 days")],
    ),
    (&["limit-lowered"], &[(FORMATS, "most_page_size: 50", "most_page_size: 40")]),
    (&["points-counted"], &[(ASSUMPTIONS, "time-points: { value: buckets", "time-points: { value: length")]),
    (&["beyond-retention"], &[(ASSUMPTIONS, "beyond-retention: { value: empty", "beyond-retention: { value: refused")]),
    (&["auto-interval"], &[(FORMATS, "up_to: 3 hours", "up_to: 4 hours")]),
    (&["lag-raised"], &[(SWELL, "value: 2 hours", "value: 3 hours")]),
    (&["additivity-narrowed"], &[(TRAFFIC, "adds: [customers, time, labels]", "adds: [customers, time]")]),
    (&["grouping"], &[(BERTHS, "by: [kind, flag]", "by: [flag]")]),
    (&["zone-of-times"], &[(FORMATS, "zoneless_timestamps_in: Europe/Oslo", "zoneless_timestamps_in: UTC")]),
    (&["limit-told-seldom"], &[(API, "on_every_response: true", "on_every_response: false")]),
    (
        &["assumption-removed"],
        &[
            (
                ASSUMPTIONS,
                "  time-points: { value: buckets, reason: Counted that way., settled_by: Count., scope: client }\n",
                "",
            ),
            (FORMATS, "{ assumed: time-points }", "buckets"),
        ],
    ),
    (&["assumption-opened"], &[(ASSUMPTIONS, "scope: simulator", "scope: client")]),
    (&["retry-lost"], &[(ENDPOINTS, "    coverage: partial\n    only_reads: true\n", "    coverage: partial\n")]),
    (&["path-known"], &[(ASSUMPTIONS, "tell-path: { value: null", "tell-path: { value: /tell")]),
    (
        &["order"],
        &[
            (API, "  locale: { name: X-Locale }", "  locale: { name: X-Locale }"),
            (BERTHS, "  prices:    { type: \"map[string]number\", filterable: refused }\n", ""),
            (
                BERTHS,
                "  notes:     { type: json }\n",
                "  notes:     { type: json }\n  prices:    { type: \"map[string]number\", filterable: refused }\n",
            ),
        ],
    ),
    (&["description"], &[(QUAYS, "description: Seen.", "description: Seen once.")]),
    (&["source"], &[(QUAYS, "source: https://harbour.invalid/quays", "source: https://harbour.invalid/more")]),
    (&["provenance"], &[(QUAYS, "provenance: example", "provenance: inferred")]),
    (&["format-coverage"], &[(FILTERS, "description: Other", "coverage: partial\ndescription: Other")]),
    (&["printed"], &[(BERTHS, "printed: Day", "printed: Days")]),
    (
        &["example-removed"],
        &[(WRECKS, "  - { name: what came, response: { \"depth\": 3.5, \"label\": \"old\", \"more\": [1] } }\n", "")],
    ),
    (&["example"], &[(WRECKS, "\"label\": \"old\"", "\"label\": \"new\"")]),
    (&["quirk"], &[(BERTHS, "  - { kind: broken-example, at: [notes], description: Was broken. }", "")]),
    (&["note"], &[(API, "  winds: { coverage: name-only, description: The page was not captured., provenance: unknown }\n", "")]),
    (&["symbol"], &[(API, "options: [most, \"|\"]", "options: [most]")]),
    (&["simulation"], &[(PASSAGES, "most: 3", "most: 4")]),
    (&["bucket-name"], &[(API, "one_customer: one", "one_customer: single")]),
    (
        &["permit-form"],
        &[(
            API,
            "permit: { name: Harbour:Query, with_report: true }",
            "permit: { name: Harbour:Query, with_report: true, of_report: \"Harbour:{Report}\" }",
        )],
    ),
    (&["endpoint-group"], &[(ENDPOINTS, "    group: Words\n", "    group: Terms\n")]),
    (&["assumed-value"], &[(ASSUMPTIONS, "never-null: { value: [ids]", "never-null: { value: [ids, counts]")]),
    (&["approximate"], &[(TRAFFIC, "data_lag: ~15 minutes", "data_lag: 15 minutes")]),
    (
        &["not-in-code"],
        &[(
            TRAFFIC,
            "harbour: { type: integer, filterable: { header: X-Harbour }, description",
            "harbour: { type: integer, nullable: never, filterable: { header: X-Harbour }, description",
        )],
    ),
];
