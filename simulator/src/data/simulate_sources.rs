//! Which report another one derives from, and whether its `simulate` rule can be followed.

use placewise_model::{Format, Model, Report, Simulate};

use crate::start_error::StartError;

/// Name of the report that the rule refers to.
pub(crate) fn source_name(rule: &Simulate) -> &str {
    match rule {
        Simulate::Each { of, .. } | Simulate::Summary { of, .. } | Simulate::Tally { of, .. } | Simulate::Events { of, .. } => of,
    }
}

/// Index of the report that a report derives from.
pub(crate) fn source_index(model: &Model, report: &Report) -> Option<usize> {
    let name = source_name(report.simulate.as_ref()?);
    model.reports.iter().position(|report| report.name == name)
}

/// Checks that each rule fits its report's format and leads, over any number of reports, to one without a rule.
pub(crate) fn check(model: &Model) -> Result<(), StartError> {
    for report in &model.reports {
        let wrong = |problem: String| Err(StartError::Simulate { report: report.name.clone(), problem });
        let mut chain = vec![report.name.as_str()];
        let mut at = report;
        while let Some(rule) = &at.simulate {
            let name = source_name(rule);
            let Some(source) = model.report(name) else { return wrong(format!("no report is named `{name}`")) };
            let events = matches!(rule, Simulate::Events { .. });
            if source.format != Format::Records && !(events && source.format == Format::Timeseries) {
                return wrong(format!("it cannot derive from `{name}`, a {} report", source.format.word()));
            }
            if chain.contains(&name) {
                chain.push(name);
                return wrong(format!("it derives from itself: {}", chain.join(" from ")));
            }
            chain.push(name);
            at = source;
        }
        if let Some(rule) = &report.simulate
            && matches!(rule, Simulate::Events { .. }) != (report.format == Format::Timeseries)
        {
            return wrong(format!("the rule does not fit a {} report", report.format.word()));
        }
    }
    Ok(())
}
