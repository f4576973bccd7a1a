FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The embedded Postgres (an optional package) is for development; in the image, DATABASE_URL names a server.
RUN npm ci --ignore-scripts --omit=optional
COPY tsconfig.json tsconfig.build.json tsconfig.bench.json ./
COPY scripts scripts
COPY src src
COPY clients/node/src clients/node/src
COPY bench bench
RUN node scripts/build.mjs --no-install
RUN npm prune --ignore-scripts --omit=dev --omit=optional
# Half of what is left is for development: TypeScript (Node doesn't run it in packages), source maps of dependencies, Sentry's
# tool for uploading builds, the compiler's cache. The maps of our own code stay, for the stack traces.
RUN find node_modules -type f \( -name '*.map' -o -name '*.ts' -o -name '*.mts' -o -name '*.cts' \) -delete \
    && find dist -type f \( -name '*.d.ts' -o -name '.tsbuildinfo*' -o -name '.stamp*' \) -delete \
    && rm -rf node_modules/.bin node_modules/sentry node_modules/@sentry/bundler-plugins node_modules/oxc-parser \
    && chmod +x dist/src/main.js

FROM node:24-bookworm-slim
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="tollgate" \
      org.opencontainers.image.description="Billing for LLM inference gateways, on Postgres, over gRPC." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# npm and the other package managers are for building.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn* /usr/local/bin/yarn*
# `tollgate` by its name, for `docker exec` as well.
RUN ln -s /app/dist/src/main.js /usr/local/bin/tollgate
# With the source maps, a stack trace names the line of src/.
ENV NODE_ENV=production \
    NODE_OPTIONS=--enable-source-maps \
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
ENTRYPOINT ["tollgate"]
CMD ["serve"]
