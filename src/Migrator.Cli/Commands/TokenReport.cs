using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.Cli.Output;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;

namespace Migrator.Cli.Commands;

/// <summary>Says what access tokens are good for, before a mail server has seen them: why one is refused, a server rarely says.</summary>
internal static class TokenReport
{
    /// <param name="end">What the server is to the job: <c>source</c>, <c>target</c>.</param>
    public static async Task WriteAsync(string end, MailServer server, string job, CommandContext context, CancellationToken stop)
    {
        try
        {
            if (await context.Sessions.DescribeTokenAsync(server, job, stop) is not { } token)
                return;
            var screen = new CommandOutput(context);
            screen.Say(
                new JsonLine("token")
                {
                    { "job", job },
                    { "end", end },
                    { "user", server.User },
                    { "facts", TokenView.Fields(token) },
                    { "doubts", token.Doubts },
                },
                TokenView.Text(end, server.User, token)
            );
            foreach (var doubt in token.Doubts)
                screen.Warn(doubt);
        }
        catch (MailException)
        {
            // The login that follows fails by the same, and says so.
        }
    }
}
