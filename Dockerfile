# syntax=docker/dockerfile:1
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The embedded Postgres (an optional package) is for trying things out; here DATABASE_URL names a server.
RUN npm ci --ignore-scripts --omit=optional
COPY tsconfig.json tsconfig.build.json tsconfig.bench.json ./
COPY scripts scripts
COPY src src
COPY bench bench
RUN node scripts/build.mjs --no-install
RUN npm prune --ignore-scripts --omit=dev --omit=optional

FROM node:24-bookworm-slim
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="tollgate" \
      org.opencontainers.image.description="Billing for LLM inference gateways, on Postgres, over gRPC." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# npm and its like are for building.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn* /usr/local/bin/yarn*
ENV NODE_ENV=production \
    TOLLGATE_DATA_DIR=/var/lib/tollgate \
    TOLLGATE_METRICS_HOST=0.0.0.0
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY migrations migrations
COPY proto proto
COPY src/wire/descriptors.binpb src/wire/
RUN mkdir --parents /var/lib/tollgate && chown node:node /var/lib/tollgate
# By number, so that Kubernetes can see that it isn't root.
USER 1000:1000
VOLUME /var/lib/tollgate
EXPOSE 50051 9464
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.TOLLGATE_METRICS_PORT || 9464}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# The program is process 1 itself and drains at this.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "dist/src/main.js"]
CMD ["serve"]
