using System.Text.RegularExpressions;
using Migrator.App.Hosting;
using Migrator.Core.Files;

namespace Migrator.App.Commands;

/// <summary>What this program keeps in the state directory and in that of protocol logs, by name: an administrator may have put other files
/// beside it, or have named a directory that is not for this program alone.</summary>
internal static partial class OwnFiles
{
    /// <summary>Takes the rights of other users away from what is there, and says so.</summary>
    public static CommandContext Tightened(CommandContext context)
    {
        Say(context.Paths.Root, PrivateRights.Tighten(context.Paths.Root, name => State().IsMatch(name), withDirectory: true));
        // Anyone who made the directory for the logs may want its names to be seen.
        if (context.Sessions.ProtocolLogs is { } logs)
            Say(logs.Directory, PrivateRights.Tighten(logs.Directory, name => ProtocolLog().IsMatch(name), withDirectory: false));
        return context;

        void Say(string directory, int count)
        {
            if (count > 0)
                context.Errors.WriteLine(
                    $"Other users had rights to {(count == 1 ? "1 file or directory" : $"{count:N0} files and directories")} in "
                        + $"{directory}; the rights were removed. Only the current user can read them now."
                );
        }
    }

    [GeneratedRegex(
        @"^(locks|spool|reports|archives|audit|audit\.head|logins|logins\.key|service\.lock"
            + @"|(checkpoints|job-runs|schedules|traffic)\.db(-wal|-shm|-journal)?)$"
    )]
    private static partial Regex State();

    [GeneratedRegex(@"^\d{8}-\d{6}-.+-\d+-\d+\.log$")]
    private static partial Regex ProtocolLog();
}
