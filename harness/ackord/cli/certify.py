"""Define ``ackord certify``, the main command."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import AckordError, UsageError
from ..project.settings import SETTABLE, find_settings, read_settings
from ..run.options.run_options import RunOptions
from .certificate_wish import CertificateWish, Level, Nonce, Sign, Subject, ValidFor
from .exit_codes import EXIT_CODES
from .interrupt import interruptible
from .options import AsJson, Quiet, Verbose, with_run_options
from .standard_output import write_bytes
from .terminal_output import ENDED, TerminalOutput

if TYPE_CHECKING:
    from ..core.result import CampaignResult
    from ..project.contract_runs import ContractRun
    from ..project.contracts_summary import ContractOutcome
    from ..project.settings import ProjectSettings
    from ..run.options.plan import RunPlan

__all__ = ["register"]

_OPTIONS = (*SETTABLE, "shard", "production", "allow_hooks", "isolated")


@with_run_options(*_OPTIONS)
def certify(
    context: typer.Context,
    contracts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CONTRACT]...",
            help="Contracts: names such as `reference`, or paths of YAML files. Default: those of ackord.toml, or "
            "`reference` without such a file. Each of several is judged into a folder of its own.",
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            help="Read the options from this file. Default: the nearest ackord.toml, or pyproject.toml "
            "with a table tool.ackord, in this folder or one above it."
        ),
    ] = None,
    show_config: Annotated[
        bool, typer.Option("--show-config", help="Print the options and who said each of them, and run nothing.")
    ] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
    level: Level = "",
    sign: Sign = None,
    subject: Subject = None,
    nonce: Nonce = "",
    valid_for: ValidFor = "90d",
    *,
    options: RunOptions,
) -> None:
    """Judge a provider: run workloads through chaos and say for each guarantee whether it held."""
    from ..project.contract_runs import contract_runs, described
    from ..run.resolve import make_plan

    output = TerminalOutput(quiet=quiet, verbose=verbose, as_json=as_json)
    wish = CertificateWish(level, sign, subject, nonce, valid_for)
    settings = _settings(config, isolated=options.isolated)
    runs = contract_runs(contracts or (), _given(context, options), settings)
    if show_config:
        print("\n".join(described(runs, settings)))
        return
    if wish.level:
        runs = _for_a_level(runs, nonce)
    plans = [(run, run.placed(lambda asked: wish.planned(make_plan(wish.run_options(asked))))) for run in runs]
    if settings is not None and not quiet:
        print(f"options of {settings.path}; --show-config lists them", file=sys.stderr)
    if len(plans) > 1:
        _judge_all(plans, output, as_json=as_json)
    ((run, plan),) = plans
    result = _judge(run, plan, output)
    with wish.at_the_end(result, plan):
        output.end(result, plan.out)


def _settings(config: Path | None, *, isolated: bool) -> ProjectSettings | None:
    """Return what the file says. Raises ``UsageError``."""
    if config is not None and isolated:
        raise UsageError("--config and --isolated contradict each other.\n  mend: leave one of them out")
    if config is not None:
        return read_settings(config)
    return None if isolated else find_settings(Path())


def _for_a_level(runs: list[ContractRun], nonce: str) -> list[ContractRun]:
    """Return the run without what the file says of it that a level decides. Raises ``UsageError`` for several."""
    if len(runs) > 1:
        raise UsageError("a level is judged of one contract.\n  mend: name it, such as ackord certify mine.yaml")
    return [run.without("profiles", *(["seed"] if nonce else [])) for run in runs]


def _given(context: typer.Context, options: RunOptions) -> dict[str, object]:
    """Return the options that the command line, or a variable of the environment, says."""
    sources = {name: context.get_parameter_source(name) for name in _OPTIONS}
    return {name: getattr(options, name) for name, source in sources.items() if source and source.name != "DEFAULT"}


def _judge(run: ContractRun, plan: RunPlan, output: TerminalOutput) -> CampaignResult:
    """Run a plan to its end. Raises ``AckordError``, and ``typer.Exit`` when the user interrupts it."""
    from ..run.evidence import begin_evidence
    from ..run.session import Session

    begin_evidence(plan.out, keep=plan.contract.path)
    display = output.progress([p.name for p in plan.profiles])
    session = run.placed(lambda _: Session(plan, display.update))
    with (
        interruptible(f"{ENDED}; the journals so far are in {plan.out}"),
        output.reported(plan.out, session.cut_short),
        output.apart(),
        display,
        session,
    ):
        return session.run_all()


def _judge_all(plans: list[tuple[ContractRun, RunPlan]], output: TerminalOutput, *, as_json: bool) -> None:
    """Run several plans one after the other, sum them up, and leave with the worst exit code."""
    from ..project.contracts_summary import printed, summary_bytes, write_summary
    from ..report.exit_code import worst_exit_code

    folder = plans[0][1].out.parent
    outcomes: list[ContractOutcome] = []
    try:
        for run, plan in plans:
            if not output.quiet:
                print(f"\n== {run.name}: {plan.contract_argument}", file=sys.stderr)
            outcomes.append(_outcome(run, plan, output))
            if outcomes[-1].exit_code == typer.Exit(130).exit_code:
                break
    finally:
        if folder.is_dir():
            write_summary(outcomes, folder, [run.name for run, _ in plans[len(outcomes) :]])
    if as_json:
        write_bytes(summary_bytes(outcomes, folder))
    print("\n".join(printed(outcomes)), file=sys.stderr if as_json else sys.stdout)
    raise typer.Exit(worst_exit_code(outcome.exit_code for outcome in outcomes))


def _outcome(run: ContractRun, plan: RunPlan, output: TerminalOutput) -> ContractOutcome:
    from ..project.contracts_summary import ContractOutcome
    from ..report.campaign_summary import closing_sentence

    made = ContractOutcome(run.name, plan.contract_argument, 0, "", plan.out, plan.command())
    try:
        result = _judge(run, plan, output)
        output.finish(result, plan.out, alone=False)
    except AckordError as error:
        print(f"ackord: {error}", file=sys.stderr)
        return made._replace(exit_code=error.exit_code, sentence=str(error).partition("\n")[0])
    return made._replace(exit_code=result.exit_code, sentence=closing_sentence(result))


def register(app: typer.Typer) -> None:
    app.command(epilog=EXIT_CODES)(certify)
