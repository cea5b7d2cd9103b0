//! Explores the worlds and says what was found.

use clap::Parser;
use hookgate_model::{
    Happening, Rollout, State,
    scenario::{Limits, Scenario},
    walk::{Seeded, walk},
    worlds,
};
use stateright::{Checker, HasDiscoveries, Model};
use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Takes the operator's rules through every order of events of small worlds, and through random ones of a large one.
///
/// By default that is an upgrade of every component, with two things in the same run out of a change of the spec, a pass that is
/// held up, and a fault; about five minutes. Ends with 1 when a rule was broken, and prints the shortest way there.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// These worlds instead (comma-separated), with everything in the same run that they may have: hours.
    #[arg(long, value_delimiter = ',')]
    world: Vec<String>,
    /// All worlds instead, with everything in the same run that they may have: more than a day.
    #[arg(long, conflicts_with = "world")]
    every_world: bool,
    /// Only what is explored within about half a minute: some worlds, and one thing at a time that goes wrong.
    #[arg(long, conflicts_with_all = ["world", "every_world", "limits", "walks"])]
    small: bool,
    /// Other numbers of spec changes, passes held up, faults, failing Jobs, and choices of people.
    #[arg(long, num_args = 5, requires = "world", value_names = ["SPECS", "HELD_UP", "FAULTS", "JOBS", "CHOICES"])]
    limits: Vec<u8>,
    /// How many threads explore; as many as there are processors when absent.
    #[arg(long)]
    threads: Option<usize>,
    /// Leaves a safeguard away, to see that the checker notices: fencing, conflicts.
    #[arg(long, value_delimiter = ',')]
    without: Vec<String>,
    /// Random walks through the large world instead.
    #[arg(long)]
    walks: Option<usize>,
    /// The seed of the walks; printed, and another one each time when absent.
    #[arg(long)]
    seed: Option<u64>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(walks) = arguments.walks {
        return code(walks_through(&arguments, walks));
    }
    let processors = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = arguments.threads.unwrap_or_else(processors);
    let known: Vec<_> = worlds::all().iter().map(|scenario| scenario.name).collect();
    if let Some(unknown) = arguments.world.iter().find(|name| !known.contains(&name.as_str())) {
        eprintln!("there is no world {unknown:?}; there are {}", known.join(", "));
        return ExitCode::from(2);
    }
    let chosen = |scenario: &Scenario| arguments.world.iter().any(|one| one == scenario.name);
    let chosen: Vec<_> = if arguments.small {
        worlds::small()
    } else if arguments.every_world {
        worlds::all()
    } else if arguments.world.is_empty() {
        worlds::pairs()
    } else {
        worlds::all().into_iter().filter(chosen).collect()
    };
    let explored = chosen.into_iter().map(|one| explore(adjusted(one, &arguments), threads));
    code(explored.fold(true, |sound, one| sound & one))
}

fn code(sound: bool) -> ExitCode {
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn adjusted(mut scenario: Scenario, arguments: &Arguments) -> Scenario {
    if let [spec_changes, held_up, faults, failing_jobs, choices] = arguments.limits[..] {
        scenario.limits = Limits { spec_changes, held_up, faults, failing_jobs, choices };
    }
    let without = |name: &str| arguments.without.iter().any(|one| one == name);
    scenario.safeguards.fencing &= !without("fencing");
    scenario.safeguards.conflicts &= !without("conflicts");
    scenario
}

fn explore(scenario: Scenario, threads: usize) -> bool {
    let started = Instant::now();
    println!("{}: {}", scenario.name, scenario.about);
    let checker = Rollout::new(scenario).checker().threads(threads).finish_when(HasDiscoveries::AnyFailures);
    let checker = checker.spawn_bfs().join();
    let model = checker.model();
    println!(
        "  {} states, {} transitions, depth {}, {} moments judged, {} statuses, longest run without faults {} steps, {:.1} s",
        checker.unique_state_count(),
        checker.state_count(),
        checker.max_depth(),
        model.plans.len(),
        model.plans.statuses.len(),
        model.fair.longest(),
        started.elapsed().as_secs_f64(),
    );
    let discoveries = checker.discoveries();
    for (property, path) in &discoveries {
        println!("  BROKEN: {property}");
        let states = path.clone().into_vec();
        let steps = states.iter().scan(None, |before, (state, action)| {
            let step = (before.take(), state);
            *before = action.as_ref();
            Some(step)
        });
        print_steps(model, steps);
    }
    discoveries.is_empty()
}

fn print_steps<'a>(model: &Rollout, steps: impl Iterator<Item = (Option<&'a Happening>, &'a State)>) {
    let mut last = None;
    for (happening, state) in steps {
        if let Some(happening) = happening {
            println!("    {happening:?}");
        }
        println!("      {}", model.describe(&state.world));
        last = Some(state);
    }
    if let Some(last) = last {
        println!("    in the end: {}", model.describe_state(last));
        if let Err(wrong) = model.ends_well(last) {
            println!("    a run without faults from here: {wrong}");
        }
    }
}

/// How many steps a walk takes at most.
const STEPS: usize = 500;
/// How often the progress of walks is told.
const PROGRESS: Duration = Duration::from_secs(20);

fn walks_through(arguments: &Arguments, walks: usize) -> bool {
    let seed = arguments.seed.unwrap_or_else(|| {
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| u64::from(since.subsec_nanos()) ^ since.as_secs())
    });
    println!("{walks} random walks, seed {seed} (the same again: --walks {walks} --seed {seed})");
    let (started, mut told, mut steps) = (Instant::now(), Instant::now(), 0);
    let model = Rollout::new(adjusted(worlds::large(), arguments));
    let mut numbers = Seeded::new(seed);
    for number in 1..=walks {
        let walk = walk(&model, &mut numbers, STEPS);
        steps += walk.steps.len();
        if let Some(broken) = walk.broken {
            println!("  BROKEN in walk {number}: {broken}");
            print_steps(&model, walk.steps.iter().map(|(happening, state)| (happening.as_ref(), state)));
            return false;
        }
        if told.elapsed() > PROGRESS {
            told = Instant::now();
            println!("  {number} of {walks}, {steps} steps, {} moments judged", model.plans.len());
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("  {walks} walks, {steps} steps, {} moments judged, {seconds:.1} s", model.plans.len());
    true
}
