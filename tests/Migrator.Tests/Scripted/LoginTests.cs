using Migrator.App.Execution;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Reports;
using Migrator.Mail.Imap;
using Migrator.Tests.Migrations;
using Migrator.Tests.Recovery;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>Logging in to servers that refuse for now, for good, or not as text.</summary>
public sealed class LoginTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("NO [LIMIT] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)")]
    [InlineData("NO Maximum number of connections from user+IP exceeded")]
    [InlineData("NO [ALERT] Too many simultaneous connections. (Failure)")]
    [InlineData("NO [UNAVAILABLE] Temporary authentication failure.")]
    [InlineData("NO [INUSE] wait")]
    [InlineData("NO Login failed: system error")]
    public async Task A_login_that_is_refused_for_now_is_tried_again(string answer)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(3);
        var refusing = Refusing(target, answer, times: 2);

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal((RunOutcome.Complete, 3, 2), (report.Outcome, report.Total.Delivered, refusing.Fired));
    }

    [Theory]
    [InlineData("NO [ALERT] Your account is not enabled for IMAP use. (Failure)", "protocol-disabled")]
    [InlineData(
        "NO [ALERT] IMAP access is disabled for your domain. Please contact your domain administrator (Failure)",
        "protocol-disabled"
    )]
    [InlineData(
        "NO [ALERT] Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)",
        "app-password-required"
    )]
    [InlineData(
        "NO [ALERT] Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754 (Failure)",
        "web-login-required"
    )]
    [InlineData("NO Basic authentication is disabled for this tenant.", "password-login-off")]
    public async Task What_a_provider_wants_in_place_of_a_password_is_said_and_the_password_is_not_sent_again(string answer, string code)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        var refusing = target.Arm("refusing", command => command.Name is "LOGIN" or "AUTHENTICATE" ? answer : null);

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal((RunOutcome.Aborted, code, 1), (report.Outcome, report.Stopped?.Code, refusing.Fired));
    }

    [Theory]
    [InlineData("LOGIN", "NO [OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)", 60)]
    [InlineData("LOGIN", "NO [ALERT] Account exceeded command or bandwidth limits. (Failure)", 60)]
    [InlineData("UID FETCH", "NO [OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)", 60)]
    [InlineData("APPEND", "NO [OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)", 60)]
    [InlineData("EXAMINE", "BAD Request is throttled. Suggested Backoff Time: 1800000 milliseconds", 30)]
    [InlineData("LIST", "NO Request is throttled. Suggested Backoff Time: 3000000 milliseconds", 50)]
    public async Task An_account_that_is_locked_out_is_left_alone(string command, string answer, int minutes)
    {
        await using var mailbox = new ScriptedImap();
        await using var harness = new Harness(mailbox, mailbox);
        mailbox.Inbox.Fill(3);
        var elsewhere = new Dictionary<string, string> { ["INBOX"] = "Copy" };
        harness.Job = harness.Job with { Folders = FolderRules.All with { Rename = elsewhere } };
        var locked = mailbox.Arm("locked", asked => asked.Name == command ? answer : null);

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal(
            (RunOutcome.Aborted, Reason.ServerBusy.Code, TimeSpan.FromMinutes(minutes)),
            (report.Outcome, report.Stopped?.Code, report.Pause)
        );
        // Both ends log in to it, and MailKit lists INBOX while it does.
        Assert.InRange(
            locked.Fired,
            1,
            command switch
            {
                "LIST" => 4,
                "LOGIN" => 2,
                _ => 1,
            }
        );
    }

    [Theory]
    [InlineData(2, RunOutcome.Complete)]
    [InlineData(int.MaxValue, RunOutcome.Aborted)]
    public async Task A_mailbox_that_Exchange_does_not_open_is_tried_again_and_named(int times, RunOutcome outcome)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(3);
        ScriptedFault refusing = null!;
        refusing = target.Arm(
            "refusing",
            command =>
                command.Name is "LOGIN" or "AUTHENTICATE" or "CAPABILITY" or "LOGOUT" || refusing.Fired >= times
                    ? null
                    : "BAD User is authenticated but not connected."
        );

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal(outcome, report.Outcome);
        Assert.Equal(outcome == RunOutcome.Complete ? null : Reason.MailboxNotConnected.Code, report.Stopped?.Code);
    }

    [Theory]
    [InlineData("NO [AUTHENTICATIONFAILED] Invalid credentials, please try again later")]
    [InlineData("NO Invalid login or password. Try again.")]
    [InlineData("NO LOGIN failed.")]
    [InlineData("NO [EXPIRED] your password has expired")]
    [InlineData("NO")]
    [InlineData("BYE")]
    public async Task A_password_that_is_refused_is_sent_once(string answer)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        var refusing = target.Arm(
            "refusing",
            command =>
            {
                if (command.Name is not ("LOGIN" or "AUTHENTICATE"))
                    return null;
                if (answer != "BYE")
                    return answer;
                command.Say("* BYE Authentication failed");
                return command.Drop();
            }
        );

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal((RunOutcome.Aborted, Reason.AuthenticationFailed.Code, 1), (report.Outcome, report.Stopped?.Code, refusing.Fired));
    }

    [Theory]
    [InlineData("LOGIN")]
    [InlineData("NAMESPACE")]
    [InlineData("LIST")]
    [InlineData("STATUS")]
    public async Task A_connection_lost_while_logging_in_or_listing_is_tried_again(string at)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(3);
        ScriptedFault dropping = null!;
        dropping = source.Arm("dropping", command => command.Name == at && dropping.Fired < 2 ? command.Drop() : null);

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal((RunOutcome.Complete, 3), (report.Outcome, report.Total.Delivered));
    }

    [Theory]
    [InlineData(60)]
    // The others have nothing left to do when the lost one gives up.
    [InlineData(3)]
    public async Task A_lost_session_pair_that_cannot_reconnect_leaves_its_work_to_the_others(int folders)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = AppendResultTests.MultiAppend };
        await using var harness = new Harness(source, target);
        harness.Job = harness.Job with { Options = harness.Job.Options with { Connections = 3 } };
        for (var folder = 0; folder < folders; folder++)
        {
            source.Folders[$"F{folder}"] = new ScriptedFolder();
            source.Folders[$"F{folder}"].Fill(2, first: 100 * folder);
        }
        var (lost, busy) = (false, new HashSet<ScriptedSession>());
        target.Arm(
            "dropping",
            command =>
            {
                if (command.Name == "APPEND")
                    busy.Add(command.Session);
                if (command.Name != "APPEND" || lost || busy.Count < 2)
                    return null;
                lost = true;
                return command.Drop();
            }
        );
        target.Arm(
            "full",
            command => command.Name is "LOGIN" or "AUTHENTICATE" && lost ? "NO [LIMIT] Maximum number of connections exceeded" : null
        );

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal((RunOutcome.Complete, 2 * folders), (report.Outcome, report.Total.Delivered));
        Assert.Contains(report.Notices, notice => notice.Contains("the other connections continue", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("NO [CANNOT] no secret stored for this mechanism")]
    [InlineData("BAD unsupported mechanism")]
    public async Task A_way_to_log_in_that_is_offered_but_does_not_work_leads_to_auth(string answer)
    {
        await using var server = new ScriptedImap { Capabilities = "IMAP4rev1 AUTH=SCRAM-SHA-256" };
        server.Arm("unable", command => command.Name == "AUTHENTICATE" ? answer : null);

        var exception = await Assert.ThrowsAsync<MailException>(() =>
            new ImapConnector(Harness.Server(server.Port, "somebody", null), DovecotServer.Password).OpenSourceAsync(Stop)
        );

        Assert.Equal(Reason.LoginMethodFailed, exception.Reason);
        Assert.Contains("\"auth\"", exception.Reason.Hint, StringComparison.Ordinal);
        Assert.Equal(AuthMethod.Auto, Harness.Server(server.Port, "somebody", null).Auth);
    }

    private static ScriptedFault Refusing(ScriptedImap server, string answer, int times)
    {
        ScriptedFault fault = null!;
        return fault = server.Arm("refusing", command => command.Name is "LOGIN" or "AUTHENTICATE" && fault.Fired < times ? answer : null);
    }
}
