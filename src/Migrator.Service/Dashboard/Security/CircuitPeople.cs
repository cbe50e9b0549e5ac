using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.Extensions.Logging;

namespace Migrator.Service.Dashboard.Security;

/// <summary>Says who the person at an open page is. A page was let in once, when it was opened: here it is asked again whether that still
/// holds.</summary>
internal sealed class CircuitPeople(Sessions sessions, ILoggerFactory loggers) : RevalidatingServerAuthenticationStateProvider(loggers)
{
    private static readonly AuthenticationState s_nobody = new(new ClaimsPrincipal(new ClaimsIdentity()));

    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(10);

    /// <summary>Nobody, from the moment on at which the session is over: what is about to be done must not wait for the next
    /// revalidation.</summary>
    public override async Task<AuthenticationState> GetAuthenticationStateAsync() =>
        await base.GetAuthenticationStateAsync() is var state && sessions.IsOver(state.User) ? s_nobody : state;

    protected override Task<bool> ValidateAuthenticationStateAsync(
        AuthenticationState authenticationState,
        CancellationToken cancellationToken
    ) => Task.FromResult(!sessions.IsOver(authenticationState.User));
}
