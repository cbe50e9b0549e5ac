using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>Folders that were there, and that their user may have removed since.</summary>
internal static class MissingFolders
{
    /// <returns>Null where there is no such folder.</returns>
    public static async Task<FolderState?> OpenIfThereAsync(this IMailSource source, FolderPath folder, CancellationToken stop)
    {
        try
        {
            return await source.OpenAsync(folder, stop);
        }
        catch (MailException exception) when (exception.Reason == Reason.FolderMissing)
        {
            return null;
        }
    }
}
