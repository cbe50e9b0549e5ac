using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Migrator.Service.Dashboard.Security;

/// <summary>Lets in everybody: the page listens on loopback only and no login is set up.</summary>
internal sealed class LoopbackHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    protected override Task<AuthenticateResult> HandleAuthenticateAsync() =>
        Task.FromResult(
            AuthenticateResult.Success(
                new AuthenticationTicket(TokenAuthenticator.Person(DashboardRoles.Operator, "this machine", Scheme.Name), Scheme.Name)
            )
        );
}
