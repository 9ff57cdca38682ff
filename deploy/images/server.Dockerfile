# The server, as deploy/images/build publishes it, on a base that holds what .NET needs and no more.
ARG BASE=mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled-extra
FROM ${BASE}
COPY app/ /app/
COPY seeds/ /app/seeds/
COPY --chown=1654:1654 data/ /data/
# Where the list of revoked certificates is written for the broker.
COPY --chown=1654:1654 data/ /revoked/
WORKDIR /app
# Nobody in particular: the user that Microsoft's images call app.
USER 1654:1654
ENV DOTNET_EnableDiagnostics=0 FACILITY_DATA=/data FACILITY_URLS=http://0.0.0.0:8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s CMD ["/app/facility-server", "health"]
ENTRYPOINT ["/app/facility-server"]
