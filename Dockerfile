# syntax=docker/dockerfile:1
# The command `kg` with all it needs: one image for the API, the explorer and ingests.

FROM python:3.11-slim AS build
ENV PATH=/opt/guidegraph/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_CACHE_DIR=/var/cache/pip
RUN python -m venv /opt/guidegraph
WORKDIR /build

# PyTorch is by far the largest part and seldom changes, so it has a layer of its own. For x86 the usual build
# brings CUDA along, gigabytes of it; TORCH_INDEX_URL names an index that holds the CPU build.
COPY constraints.txt .
ARG TORCH_INDEX_URL=""
RUN --mount=type=cache,target=/var/cache/pip \
    pip install --constraint constraints.txt ${TORCH_INDEX_URL:+--index-url "$TORCH_INDEX_URL"} torch

COPY pyproject.toml README.md LICENSE ./
COPY kg kg
COPY extract extract
COPY api api
COPY explorer explorer
COPY seeds seeds
RUN --mount=type=cache,target=/var/cache/pip \
    pip wheel --no-deps --wheel-dir dist . \
    && pip install --constraint constraints.txt "$(echo dist/*.whl)[neo4j,pdf]"

FROM python:3.11-slim
RUN useradd --create-home --uid 10001 kg
COPY --from=build /opt/guidegraph /opt/guidegraph
# Within a container nobody else is on the loopback; who may reach it is for its published ports to say.
ENV PATH=/opt/guidegraph/bin:$PATH PYTHONUNBUFFERED=1 KG_HOST=0.0.0.0
USER 10001
WORKDIR /home/kg
EXPOSE 8000
# That it is alive, not that its store is: a store that is away must not have the server restarted.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", "from http.client import HTTPConnection as C; c = C('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["kg"]
CMD ["serve"]
