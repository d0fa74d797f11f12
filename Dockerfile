# Each architecture is built as itself: the page's bundler is native.
FROM node:26-slim AS app
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts
COPY main.ts manifest.json tsconfig.json vite.config.ts ./
COPY cli cli
COPY dashboard dashboard
COPY device device
COPY host-sim host-sim
COPY protocol protocol
COPY server-min server-min
RUN npm run prepare

FROM node:26-slim
ENV NODE_ENV=production SKYFEEDER_CONFIG=/etc/skyfeeder/skyfeeder.toml
WORKDIR /app
COPY --from=app /app /app
COPY docker/alone.toml /etc/skyfeeder/skyfeeder.toml
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
# With a certificate in the settings it is https, and the certificate is for another name than this.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["node", "--no-warnings", "-e", "process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; const ask = (scheme) => fetch(scheme + '://127.0.0.1:8080/healthz'); ask('http').catch(() => ask('https')).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "cli/skyfeeder.js", "start", "--no-browser", "--devices", "0"]
