# A small image of the shop, which runs as nobody in particular. `python -m tools.image` tries these steps in a clean
# Debian where there is no Docker.
FROM debian:bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv
WORKDIR /app
RUN python3 -m venv .venv
COPY requirements/app.txt requirements/build.txt requirements/
RUN .venv/bin/pip install --no-cache-dir --require-hashes -r requirements/app.txt -r requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY shop shop
COPY templates templates
COPY static static
COPY migrations migrations
RUN .venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation --editable .
RUN .venv/bin/pip uninstall -y flit_core pip setuptools && .venv/bin/python -m compileall -q .venv shop migrations

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates openssl python3 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /data --create-home shop
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/app/.venv/bin:/usr/bin:/bin PYTHONUNBUFFERED=1 HOST=0.0.0.0 PORT=8000 INSTANCE_PATH=/data
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["python", "-c", "from os import environ; from urllib.request import urlopen; urlopen(f'http://127.0.0.1:{environ[\"PORT\"]}/healthz', timeout=2)"]
CMD ["shop", "run"]
