"""Run the reference provider as a child process: requests on standard input, see ``ackord.host.child_process``."""

from __future__ import annotations


def main() -> None:
    from .forkserver import start_forkserver

    forkserver = start_forkserver()  # before anything that could run a thread or a loop

    from ..supervisor.supervisor import run_supervisor
    from .process_deployment import ProcessDeployment

    run_supervisor(ProcessDeployment(forkserver))


if __name__ == "__main__":
    main()
