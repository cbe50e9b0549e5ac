using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Migrator.Core.Auditing;

namespace Migrator.Service.Dashboard.Security;

/// <summary>Where the connection of a person comes from. A page acts through a connection that lasts, long after its request: the address
/// goes with the person.</summary>
internal static class PersonAddress
{
    private const string Claim = "migrator.address";

    /// <summary>Behind the authorization, which makes the person again. Nothing of it gets into a cookie.</summary>
    public static void Use(WebApplication app) =>
        app.Use(
            (context, next) =>
            {
                if (context.User.Identity?.IsAuthenticated == true && Text(context.Connection.RemoteIpAddress) is { } address)
                    context.User = new ClaimsPrincipal([.. context.User.Identities, new ClaimsIdentity([new Claim(Claim, address)])]);
                return next(context);
            }
        );

    /// <summary>Who acts on the page, for the audit trail.</summary>
    public static AuditActor Actor(ClaimsPrincipal person) =>
        new(AuditActor.Page, person.Identity?.Name ?? "unknown")
        {
            Role = person.FindFirst(ClaimTypes.Role)?.Value,
            Address = person.FindFirst(Claim)?.Value,
        };

    /// <param name="name">Null where it is not known who tries.</param>
    public static AuditActor Actor(string? name, string? role, IPAddress? address) =>
        new(AuditActor.Page, name ?? "unknown") { Role = role, Address = Text(address) };

    private static string? Text(IPAddress? address) =>
        address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4().ToString() : address?.ToString();
}
