using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Providers;

namespace Migrator.Core.Folders;

/// <summary>Finds folders of which a provider may show the newest messages only.</summary>
internal static class LimitedView
{
    /// <param name="folders">That a run is to read.</param>
    /// <returns>Null where the provider shows all of each.</returns>
    public static MailException? Of(ProviderProfile provider, IEnumerable<MailFolder> folders)
    {
        var cut = folders
            .Where(folder => folder.State is { } state && IsLimited(provider, state))
            .Select(folder => folder.Path.ToString())
            .ToList();
        return cut.Count == 0 ? null : Limited(provider, string.Join(", ", cut), "What is older may be missing.");
    }

    /// <param name="state">Of a folder that is read.</param>
    /// <returns>Null where the provider shows all of it.</returns>
    public static MailException? Of(ProviderProfile provider, FolderPath folder, FolderState state) =>
        IsLimited(provider, state) ? Limited(provider, folder.ToString(), "What is older was not compared.") : null;

    /// <param name="state">Of a folder of the target.</param>
    /// <inheritdoc cref="Of(ProviderProfile, FolderPath, FolderState)"/>
    public static MailException? OfTarget(ProviderProfile provider, FolderPath folder, FolderState state) =>
        IsLimited(provider, state)
            ? Limited(
                provider,
                folder.ToString(),
                "Whether older ones include what is to be copied cannot be known, and nothing is recorded of it: nothing was sent."
            )
            : null;

    /// <summary>Below this UID, messages that are not listed may be there all the same; 0 where the provider shows all.</summary>
    /// <param name="listed">Ascending.</param>
    public static Uid Horizon(ProviderProfile provider, FolderState state, IReadOnlyList<Uid> listed) =>
        provider.VisibleMessages is { } visible && state.Count >= visible && listed.Count > 0 ? listed[0] : 0;

    private static bool IsLimited(ProviderProfile provider, FolderState state) => state.Count == provider.VisibleMessages;

    private static MailException Limited(ProviderProfile provider, string folders, string consequence) =>
        new(
            Reason.FolderViewLimited,
            $"{folders}: the server lists exactly {provider.VisibleMessages:N0} messages, which is as many as {provider.Title} shows of a "
                + $"folder. {consequence}"
        );
}
