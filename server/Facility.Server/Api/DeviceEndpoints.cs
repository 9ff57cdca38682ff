using Facility.Contracts.Mqtt;
using Facility.Contracts.Rest;
using Facility.Domain.Access;
using Facility.Domain.Devices;
using Facility.Server.Api.Access;
using Facility.Server.Devices;
using Facility.Server.Pipeline;
using Facility.Server.Ports;
using Microsoft.AspNetCore.Mvc;

namespace Facility.Server.Api;

/// <summary><c>/v1/devices</c> and <c>/v1/device-claims</c>: who the devices are, and who may join.</summary>
internal static class DeviceEndpoints
{
    private const int MostName = 60;
    private const int MostBytes = 16 * 1024;

    public static void MapDevices(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/devices", List).Needs(Right.SeeDevices).Produces<DeviceList>();
        v1.MapPut("/devices/{device}", Rename).Needs(Right.ManageDevices, SiteOf, _ => Unknown()).Takes<DeviceState>();
        v1.MapPost("/devices/{device}/command", Command).Needs(Right.ManageDevices, SiteOf, _ => Unknown()).Takes<CommandedDevice>(202);
        v1.MapPost("/devices/{device}/revocation", Revoke).Needs(Right.ManageDevices, SiteOf, _ => Unknown()).Takes<DeviceState>();
        v1.MapGet("/devices/{device}/refused", Refused).Needs(Right.SeeDevices, SiteOf, _ => Unknown()).Produces<RefusedList>().ProducesProblem(404);
        v1.MapGet("/device-claims", Claims).Needs(Right.ManageDevices).Produces<ClaimList>();
        v1.MapPost("/device-claims", Claim).Needs(Right.ManageDevices).Takes<MadeClaim>(201).ProducesProblem(409);
        v1.MapPost("/device-claims/{code}/certificate", Join).OpenToAll("the code itself, good once and for ten minutes, lets a device join").Takes<JoinedDevice>().ProducesProblem(429);
    }

    private static string? SiteOf(HttpContext context) =>
        Find(context.RequestServices.GetRequiredService<IDeviceDirectory>(), context.GetRouteValue("device") as string ?? "")?.Site;

    private static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder route, int status = 200) => route
        .Produces<T>(status).ProducesProblem(400).ProducesProblem(404).ProducesProblem(413).ProducesProblem(415)
        .WithMetadata(new RequestSizeLimitAttribute(MostBytes));

    private static IResult List(HttpRequest request, CurrentPerson person, IDeviceDirectory devices, TimeProvider time) =>
        new Query(request.Query, time.GetUtcNow()).Only().Problem is { } problem ? Problems.BadRequest(problem) : TypedResults.Ok(new DeviceList([.. devices.All().Where(d => person.May(d.Site))]));

    private static IResult Rename(string device, [FromBody] DeviceName? body, [FromServices] IDeviceDirectory devices, [FromServices] DeviceRegister register)
    {
        if (Find(devices, device) is not { } known)
        {
            return Unknown();
        }

        var name = body?.Name?.Trim() is { Length: > 0 } given ? given : null;
        if (name is { } n && (n.Length > MostName || n.Any(c => char.IsControl(c) || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.Format)))
        {
            return Problems.BadRequest($"name is at most {MostName} characters that can be seen");
        }

        register.Rename(known.Site, device, name);
        return TypedResults.Ok(devices.Of(known.Site, device));
    }

    private static IResult Command(string device, [FromBody] CommandedDevice? body, [FromServices] IDeviceDirectory devices, [FromServices] DeviceOutbox outbox)
    {
        if (Find(devices, device) is not { } known)
        {
            return Unknown();
        }

        if (body?.Command is not (DeviceCommand.Identify or DeviceCommand.Reload))
        {
            return Problems.BadRequest($"command is {DeviceCommand.Identify} (its light blinks for 15 s) or {DeviceCommand.Reload} (it reads its edge.json again)");
        }

        outbox.Command(known.Site, device, new DeviceCommand(body.Command));
        return TypedResults.Accepted((string?)null, body);
    }

    private static IResult Revoke(string device, [FromServices] IDeviceDirectory devices, [FromServices] DeviceRegister register)
    {
        if (Find(devices, device) is not { } known)
        {
            return Unknown();
        }

        register.Revoke(known.Site, device);
        return TypedResults.Ok(devices.Of(known.Site, device));
    }

    private static IResult Refused(string device, [FromServices] IDeviceDirectory devices, [FromServices] BrokerRefusals broker) =>
        Find(devices, device) is not { } known ? Unknown()
        : TypedResults.Ok(new RefusedList([.. (known.Refusals ?? []).Concat(broker.Of(device)).OrderByDescending(r => r.At)]));

    private static IResult Claims(HttpRequest request, CurrentPerson person, [FromServices] DeviceRegister register, TimeProvider time)
    {
        var now = time.GetUtcNow();
        return new Query(request.Query, now).Only().Problem is { } problem ? Problems.BadRequest(problem)
            : TypedResults.Ok(new ClaimList([.. register.Claims().Where(c => person.May(c.Site)).Select(c => new ClaimState(
                c.Site, c.Device, c.UsedAt is not null ? "used" : c.Withdrawn ? "withdrawn" : c.IsOpen(now) ? "open" : "expired", c.By, c.MadeAt, c.ExpiresAt, c.UsedAt))]));
    }

    private static IResult Claim(
        [FromBody] NewClaim? body, CurrentPerson person, [FromServices] ISitesDirectory sites, [FromServices] DeviceRegister register, [FromServices] ServerOptions options, [FromServices] IAudit audit, HttpContext context)
    {
        if (SiteEndpoints.Find(sites, body?.Site ?? "") is not { } site || !person.May(site.Id))
        {
            return SiteEndpoints.Unknown(body?.Site ?? "");
        }

        var listed = site.Sensors.Select(s => s.Device).Distinct().ToArray();
        if (!listed.Contains(body!.Device) || TopicRights.IsReserved(body.Device))
        {
            return Problems.BadRequest($"device is not one of {site.Id}: {string.Join(", ", listed.Where(d => !TopicRights.IsReserved(d)).DefaultIfEmpty("it has none"))}. Put it in the site's configuration first");
        }

        if (options.Devices.Broker is null)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "no device can join: this server has no broker with TLS for devices. Give it --mqtt-tls-port, or --device-broker-url of your own broker");
        }

        var replaces = register.CertificateOf(body.Device) is { RevokedAt: null };
        var (code, claim) = register.Claim(site.Id, body.Device, person.Name);
        audit.Record(person.Who, "device-claim", $"{claim.Site}/{claim.Device}");
        var command = $"sudo facility-edge join --server {options.PublicUrl.AbsoluteUri.TrimEnd('/')} --code {code} --config /etc/facility/edge.json --data /var/lib/facility-edge";
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created((string?)null, new MadeClaim(code, claim.Site, claim.Device, claim.ExpiresAt, command, replaces));
    }

    private static IResult Join(string code, [FromBody] CertificateRequested? body, [FromServices] DeviceRegister register, [FromServices] IDeviceAuthority authority,
        [FromServices] ServerOptions options, [FromServices] IAudit audit, [FromServices] ILogger<DeviceRegister> logger, HttpContext context)
    {
        if (body is null)
        {
            return Problems.BadRequest("the body is {\"request\":\"-----BEGIN CERTIFICATE REQUEST-----...\"}");
        }

        var address = context.Connection.RemoteIpAddress?.ToString() ?? "";
        try
        {
            var made = register.Join(code, body.Request, address);
            logger.LogInformation("{Device} of {Site} joined from {Address}: certificate {Serial}, valid until {Until:yyyy-MM-dd}", made.Device, made.Site, address, made.Serial, made.Until);
            audit.Record($"device:{made.Device}", "device-joined", $"{made.Site}/{made.Device}", $"from {address}, certificate {made.Serial}");
            context.Response.Headers.CacheControl = "no-store";
            return TypedResults.Ok(new JoinedDevice(
                made.Site, made.Device, made.Pem, authority.Certificate, options.Devices.Broker!.AbsoluteUri.TrimEnd('/'), options.TopicPrefix));
        }
        catch (FormatException e)
        {
            return Problems.BadRequest(e.Message);
        }
        catch (DeviceRefusedException e) when (e.Wait is { } wait)
        {
            context.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
            return Problems.Of(StatusCodes.Status429TooManyRequests, e.Message);
        }
        catch (DeviceRefusedException e)
        {
            logger.LogWarning("A device at {Address} did not join: {Why}", address, e.Message);
            return Problems.NotFound(e.Message);
        }
    }

    private static DeviceState? Find(IDeviceDirectory devices, string device) => devices.All().FirstOrDefault(d => d.Device == device);

    private static IResult Unknown() => Problems.NotFound("there is no such device; GET /v1/devices lists them");
}
