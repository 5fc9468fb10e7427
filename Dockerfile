# Two images. The command for CI jobs, without PostgreSQL (it judges providers that run beside it):
#     docker build --target ackord -t ackord .
#     docker run --rm -v "$PWD:/work" ackord certify mine.yaml --target http://provider:8080 --allow-host provider
# The reference provider, which is told what to do over standard input (harness/ackord/providers/reference/README.md), on database
# servers in other containers:
#     docker build -t ackord/reference-provider .
#
# BASE is any image with Python 3.11 or newer and its venv module. BUILD_BASE and PIP_OPTIONS are for places without a package index:
# an image that holds wheels besides, and "--no-index --find-links=..." (.ci/docker.sh uses both).
ARG BASE=python:3.12-slim
ARG BUILD_BASE=${BASE}

FROM ${BUILD_BASE} AS build
ARG PIP_OPTIONS=""
RUN python3 -m venv /opt/ackord
WORKDIR /src
COPY pyproject.toml ./
# What it needs changes rarely, so it is a layer of its own. PostgreSQL's programs run in other containers and are left out.
RUN python3 -c 'import tomllib; print(*(n for n in tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"] if "pgserver" not in n), sep="\n")' >needs.txt \
 && /opt/ackord/bin/python -m pip install --no-cache-dir --disable-pip-version-check ${PIP_OPTIONS} -r needs.txt
COPY README.md LICENSE ./
COPY contracts contracts
COPY chaos_profiles chaos_profiles
COPY harness harness
RUN /opt/ackord/bin/python -m pip install --no-cache-dir --disable-pip-version-check ${PIP_OPTIONS} --no-deps . \
 && /opt/ackord/bin/python -m pip uninstall --yes --quiet --disable-pip-version-check pip

FROM ${BASE} AS runtime
COPY --from=build /opt/ackord /opt/ackord
ENV PATH=/opt/ackord/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1

# It writes its evidence into a checkout that belongs to the job's user, so it keeps the user that it is given.
FROM runtime AS ackord
ENV HOME=/tmp
WORKDIR /work
ENTRYPOINT ["ackord"]

FROM runtime AS reference-provider
USER 65534:65534
WORKDIR /
ENTRYPOINT ["python", "-m", "ackord.providers.reference"]
