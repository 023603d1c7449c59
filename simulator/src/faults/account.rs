//! Which fault a request meets, and the account of all of them.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use placewise_model::Format;

use crate::faults::plan::{Effect, Fault, FaultPlan, Matching, PagePosition};
use crate::random::{Random, mix};

/// What became of an ordered fault.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FaultAccount {
    /// Its name, or its place in the plan, such as `faults[0]`.
    pub name: String,
    /// Number of requests that were to meet it; `None` without a limit.
    pub ordered: Option<u64>,
    /// Requests that matched.
    pub matched: u64,
    /// Requests that it was due for.
    pub due: u64,
    /// Requests that met it: all its effects took hold.
    pub met: u64,
    /// Why the latest request that it was due for did not meet it.
    pub problem: Option<String>,
    /// Whether it is fine if no request meets it.
    pub optional: bool,
}

impl fmt::Display for FaultAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, ordered, matched, due, met, .. } = self;
        let ordered = ordered.map_or_else(|| "without limit".to_owned(), |times| times.to_string());
        write!(f, "`{name}`: ordered {ordered}, matched {matched}, due {due}, met {met}")?;
        self.problem.as_ref().map_or(Ok(()), |problem| write!(f, "; {problem}"))
    }
}

/// Faults that no request met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmetFaults(Vec<FaultAccount>);

impl UnmetFaults {
    /// The faults, in the order of the plan.
    pub fn faults(&self) -> &[FaultAccount] {
        &self.0
    }
}

impl fmt::Display for UnmetFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no request met {} ordered fault{}:", self.0.len(), if self.0.len() == 1 { "" } else { "s" })?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl std::error::Error for UnmetFaults {}

/// What a plan can tell requests apart by.
#[derive(Debug, Default)]
pub(crate) struct RequestFacts<'a> {
    pub(crate) report: Option<String>,
    pub(crate) endpoints: Vec<&'a str>,
    pub(crate) format: Option<Format>,
    pub(crate) has_cursor: bool,
    pub(crate) customer: Option<String>,
}

impl Matching {
    fn fits(&self, request: &RequestFacts<'_>) -> bool {
        let same = |wanted: &Option<String>, is: &Option<String>| wanted.is_none() || wanted == is;
        let page = if request.has_cursor { PagePosition::Next } else { PagePosition::First };
        same(&self.report, &request.report)
            && same(&self.customer, &request.customer)
            && self.endpoint.as_deref().is_none_or(|name| request.endpoints.contains(&name))
            && self.format.is_none_or(|format| request.format == Some(format))
            && self.page.is_none_or(|wanted| request.format == Some(Format::Records) && wanted == page)
    }
}

/// A fault that a request is due to meet.
#[derive(Debug)]
pub(crate) struct DueFault {
    pub(crate) index: usize,
    pub(crate) name: String,
    pub(crate) effects: Vec<Effect>,
}

/// All ordered faults. Dropping them panics if one was never met and nobody asked.
#[derive(Debug)]
pub(crate) struct OrderedFaults {
    seed: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    faults: Vec<(Fault, FaultAccount)>,
    /// Whether somebody has asked which faults were not met.
    checked: bool,
}

impl OrderedFaults {
    pub(crate) fn new(plan: FaultPlan) -> Self {
        let ordered = Self { seed: plan.seed, state: Mutex::default() };
        plan.faults.into_iter().for_each(|fault| ordered.add(fault));
        ordered
    }

    /// Orders a further fault.
    pub(crate) fn add(&self, fault: Fault) {
        let mut state = self.state();
        let name = fault.name.clone().unwrap_or_else(|| format!("faults[{}]", state.faults.len()));
        let (ordered, optional) = (fault.ordered(), fault.optional);
        let account = FaultAccount { name, ordered, matched: 0, due: 0, met: 0, problem: None, optional };
        state.faults.push((fault, account));
        state.checked = false;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request and returns the fault that it is due to meet.
    pub(crate) fn due(&self, request: &RequestFacts<'_>) -> Option<DueFault> {
        let mut due = None;
        for (index, (fault, account)) in self.state().faults.iter_mut().enumerate() {
            if !fault.on.fits(request) {
                continue;
            }
            account.matched += 1;
            if due.is_none() && is_due(fault, account, self.seed ^ mix(index as u64)) {
                account.due += 1;
                due = Some(DueFault { index, name: account.name.clone(), effects: fault.effects.clone() });
            }
        }
        due
    }

    /// Notes that a request met a fault.
    pub(crate) fn met(&self, index: usize) {
        if let Some((_, account)) = self.state().faults.get_mut(index) {
            account.met += 1;
        }
    }

    /// Notes why a request that a fault was due for did not meet it.
    pub(crate) fn missed(&self, index: usize, problem: String) {
        if let Some((_, account)) = self.state().faults.get_mut(index) {
            account.problem = Some(problem);
        }
    }

    pub(crate) fn accounts(&self) -> Vec<FaultAccount> {
        self.state().faults.iter().map(|(_, account)| account.clone()).collect()
    }

    pub(crate) fn check(&self) -> Result<(), UnmetFaults> {
        self.state().checked = true;
        let unmet: Vec<_> = self.accounts().into_iter().filter(|account| account.met == 0 && !account.optional).collect();
        if unmet.is_empty() { Ok(()) } else { Err(UnmetFaults(unmet)) }
    }

    /// Panics if a fault was never met, unless somebody has asked or the thread panics already.
    pub(crate) fn end(&self) {
        if self.state().checked || std::thread::panicking() {
            return;
        }
        if let Err(unmet) = self.check() {
            panic!("{unmet}");
        }
    }
}

impl Drop for OrderedFaults {
    fn drop(&mut self) {
        self.end();
    }
}

/// Whether the request that was just counted meets a fault. Chance depends on how many requests matched before.
fn is_due(fault: &Fault, account: &FaultAccount, seed: u64) -> bool {
    let Some(after) = account.matched.checked_sub(fault.nth.get()) else { return false };
    let lucky = |chance: f64| Random::new(seed ^ mix(account.matched)).below(u64::MAX) as f64 / (u64::MAX as f64) < chance;
    account.ordered.is_none_or(|times| account.due < times)
        && fault.every.is_none_or(|every| after % every.get() == 0)
        && fault.chance.is_none_or(lucky)
}
