using System.Security.Claims;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Logging.Abstractions;
using Migrator.App.Execution;
using Migrator.App.Jobs;
using Migrator.Service.Dashboard;
using Migrator.Service.Dashboard.Feed;
using Migrator.Service.Dashboard.Security;
using Migrator.Tests.Auditing;
using MudBlazor;
using Xunit;

namespace Migrator.Tests.Dashboard;

/// <summary>That a button is not shown keeps nobody from what it does: the connection takes calls of anyone who opened it.</summary>
public sealed class JobActionsTests : IDisposable
{
    private readonly MemoryJobRunStore _store = new(TimeProvider.System);
    private readonly JobCatalogue _catalogue = new();
    private readonly DashboardFeed _feed;
    private readonly string _state = Directory.CreateTempSubdirectory("actions").FullName;

    public JobActionsTests()
    {
        SampleOrganization.Fill(_store, _catalogue, TimeProvider.System.GetUtcNow(), 40);
        _feed = new DashboardFeed(_store, _store, _catalogue, ScheduleLook.None, TimeProvider.System, NullLogger<DashboardFeed>.Instance);
    }

    [Theory]
    [InlineData(DashboardRoles.Operator, true)]
    [InlineData(DashboardRoles.Reader, false)]
    public async Task Anyone_who_may_only_look_changes_nothing(string role, bool acts)
    {
        Func<JobActions, Task>[] all =
        [
            actions => actions.RunAllAsync(SampleOrganization.Moving),
            actions => actions.RetryAsync(SampleOrganization.Moving, SampleOrganization.Name(17)),
            actions => actions.RetryFailedAsync(SampleOrganization.Moving),
            actions => actions.PauseAsync(SampleOrganization.Moving, true),
            actions => actions.CancelAsync(SampleOrganization.Moving, null),
            actions => actions.ForgetAsync(SampleOrganization.Moving, null),
        ];
        foreach (var action in all)
        {
            using var reported = new SnackbarService(new Nowhere(), TimeProvider.System);
            await action(
                new JobActions(new JobControl(_catalogue, _store, _store), _feed, new Somebody(role), reported, Trail.Auditor(_state))
            );
            Assert.Equal(
                acts,
                !Assert.Single(reported.ShownSnackbars).Message!.StartsWith("You have read-only access", StringComparison.Ordinal)
            );
        }

        Assert.Equal(acts, !_store.Asked.IsEmpty);
        // Each is recorded, with who it was: done, or refused.
        string[] events = ["JobTriggered", "JobTriggered", "JobRetried", "JobPaused", "JobCancelled", "JobForgotten"];
        var recorded = Trail.Lines(_state).Where(line => Trail.Text(line, "outcome") != "begun").ToList();
        Assert.Equal(events, recorded.Select(line => Trail.Text(line, "event")));
        Assert.All(
            recorded,
            line =>
                Assert.Equal(
                    (acts ? "done" : "refused", "page", role, "192.0.2.9"),
                    (
                        Trail.Text(line, "outcome"),
                        Trail.Text(line, "who", "kind"),
                        Trail.Text(line, "who", "role"),
                        Trail.Text(line, "who", "address")
                    )
                )
        );
        Assert.Equal(acts ? events.Length : 0, Trail.Lines(_state).Count(line => Trail.Text(line, "outcome") == "begun"));
    }

    public void Dispose()
    {
        _feed.Dispose();
        Directory.Delete(_state, recursive: true);
    }

    private sealed class Somebody(string role) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() =>
            Task.FromResult(
                new AuthenticationState(
                    new ClaimsPrincipal(
                        new ClaimsIdentity([new Claim(ClaimTypes.Role, role), new Claim("migrator.address", "192.0.2.9")], "test")
                    )
                )
            );
    }

    private sealed class Nowhere : NavigationManager
    {
        public Nowhere() => Initialize("http://127.0.0.1/", "http://127.0.0.1/");
    }
}
