using Migrator.Core.Mail;

namespace Migrator.Core.Runs;

/// <summary>Asks a server for many messages at once, and where it refuses them, by halves: a damaged message must not stand in
/// the way of the others.</summary>
internal static class Piecemeal
{
    // So many refused alone and none given: it is the folder, and not a message of it.
    private const int Hopeless = 20;

    /// <param name="uids">May be empty.</param>
    /// <param name="ask">May be called again for a message that it was called for.</param>
    /// <returns>The messages that are refused alone too.</returns>
    /// <exception cref="MailException">The folder is refused, or the failure reaches further than the folder.</exception>
    public static async Task<IReadOnlyList<uint>> AskAsync(IReadOnlyList<uint> uids, Func<IReadOnlyList<uint>, Task> ask)
    {
        var (refused, any) = (new List<uint>(), false);
        var left = new Stack<IReadOnlyList<uint>>(uids.Count > 0 ? [uids] : []);
        while (left.TryPop(out var some))
        {
            try
            {
                await ask(some).ConfigureAwait(false);
                any = true;
            }
            catch (MailException exception) when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder && exception.Reason != Reason.FolderMissing)
            {
                if (some.Count > 1)
                {
                    left.Push([.. some.Skip(some.Count / 2)]);
                    left.Push([.. some.Take(some.Count / 2)]);
                    continue;
                }
                refused.Add(some[0]);
                if (!any && refused.Count == Hopeless)
                    throw;
            }
        }
        return refused;
    }
}
