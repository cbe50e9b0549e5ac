using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Providers;

namespace Migrator.Core.Folders;

/// <summary>Finds folders of which a provider may show a part only.</summary>
internal static class LimitedView
{
    /// <param name="folders">That a run is to read.</param>
    /// <returns>Null where the provider shows all of each.</returns>
    public static MailException? Of(ProviderProfile provider, IEnumerable<MailFolder> folders)
    {
        var cut = folders
            .Where(folder => folder.State is { } state && state.Count == provider.VisibleMessages)
            .Select(folder => folder.Path.ToString())
            .ToList();
        return cut.Count == 0
            ? null
            : new MailException(
                Reason.FolderViewLimited,
                $"{string.Join(", ", cut)}: the server lists exactly {provider.VisibleMessages:N0} messages, which is as many as "
                    + $"{provider.Title} shows of a folder. What is older may be missing."
            );
    }
}
