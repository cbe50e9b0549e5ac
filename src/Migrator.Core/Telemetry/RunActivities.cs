using System.Diagnostics;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Progress;

namespace Migrator.Core.Telemetry;

/// <summary>What the engine does, as spans. No span names an account, a subject or a password; the name of a mailbox within its job is
/// on them because anyone who looks into a failure needs it.</summary>
public static class RunActivities
{
    /// <summary>Of the <see cref="ActivitySource"/>, to listen to.</summary>
    public const string SourceName = "Migrator";

    private static readonly ActivitySource s_source = new(SourceName, typeof(RunActivities).Assembly.GetName().Version?.ToString(3));

    internal static Activity? Start(string name, ActivityKind kind = ActivityKind.Internal) => s_source.StartActivity(name, kind);

    /// <summary>Does something within a span, which says with which reason it failed.</summary>
    /// <param name="start">Called in here and not by the caller, for whom the span would stay the present one.</param>
    internal static async Task<T> DuringAsync<T>(Func<Activity?> start, Func<Activity?, Task<T>> work)
    {
        using var span = start();
        try
        {
            return await work(span);
        }
        catch (OperationCanceledException)
        {
            span?.SetTag("migrator.outcome", Reason.Interrupted.Code);
            throw;
        }
        catch (Exception exception)
        {
            // The code only: the words of a server may repeat what it was sent.
            span?.Fail(Code(exception));
            throw;
        }
    }

    internal static Task OfFolderAsync(string step, FolderPath folder, FolderProgress progress, Func<Task> work)
    {
        return DuringAsync(
            () => Start($"folder {step}")?.SetTag("migrator.folder", folder.ToString()),
            async span =>
            {
                await work();
                if (span is not null)
                {
                    var counts = progress.Counts;
                    span.SetTag("migrator.messages.found", counts.Found)
                        .SetTag("migrator.messages.delivered", counts.Delivered)
                        .SetTag("migrator.messages.failed", counts.Failed);
                }
                return true;
            }
        );
    }

    internal static Task<T> OfConnectingAsync<T>(string end, Func<Task<T>> open) =>
        DuringAsync(() => Start("connect", ActivityKind.Client)?.SetTag("migrator.end", end), _ => open());

    /// <summary>The stable code of what ended something.</summary>
    internal static string Code(Exception exception) =>
        exception switch
        {
            MigratorException known => known.Reason.Code,
            OperationCanceledException => Reason.Interrupted.Code,
            _ => Reason.Fault.Code,
        };

    internal static void Fail(this Activity span, string code) => span.SetTag("error.type", code).SetStatus(ActivityStatusCode.Error, code);
}
