using Migrator.Core.Mail;

namespace Migrator.Core.Runs;

/// <summary>Asks a server for many messages at once, and finds the ones that it refuses or that end the connection: asked for all, then for parts, then
/// alone. A damaged message must not stand in the way of the others. It outlives a connection, so that the next one goes on where the last one broke.</summary>
/// <remarks>One for each kind of request at each end: what cannot be fetched may still have flags.</remarks>
internal sealed class Isolation
{
    // So many refused alone and none given: it is the folder, and not a message of it.
    private const int Hopeless = 20;

    // Networks fail too: only what ends the connection each time is a message's fault.
    private const int MostLosses = 3;

    private const int Parts = 8;

    private readonly Dictionary<uint, string> _guilty = [];
    private IReadOnlyList<uint> _suspects = [];
    private int _losses;
    private bool _answersOthers;

    /// <summary>Rises each time that a lost connection leaves fewer messages to suspect: that is progress too.</summary>
    public long Narrowed { get; private set; }

    /// <summary>Messages that end the connection whenever they are asked for alone, each with what happened.</summary>
    public IReadOnlyDictionary<uint, string> Guilty => _guilty;

    /// <param name="uids">May be empty.</param>
    /// <param name="ask">May be called again for a message that it was called for.</param>
    /// <returns>The messages that are refused alone too, or that end the connection.</returns>
    /// <exception cref="MailException">The folder is refused, or the failure reaches further than the folder.</exception>
    public async Task<IReadOnlyList<uint>> AskAsync(IReadOnlyList<uint> uids, Func<IReadOnlyList<uint>, Task> ask)
    {
        var (refused, any) = (uids.Where(_guilty.ContainsKey).ToList(), false);
        var hopeless = refused.Count + Hopeless;
        var left = new Stack<IReadOnlyList<uint>>(Divide([.. uids.Where(uid => !_guilty.ContainsKey(uid))]).Reverse());
        while (left.TryPop(out var some))
        {
            try
            {
                await ask(some).ConfigureAwait(false);
                any = true;
                Cleared(some);
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
                if (!any && refused.Count == hopeless)
                    throw;
            }
            catch (MailException exception) when (exception.Reason == Reason.ConnectionLost || exception.Reason == Reason.ServerBusy)
            {
                Suspect(some, exception);
                throw;
            }
        }
        return refused;
    }

    /// <summary>What was under way when the connection was lost is asked for in parts, the rest as a whole.</summary>
    private IEnumerable<IReadOnlyList<uint>> Divide(IReadOnlyList<uint> uids)
    {
        var suspected = _suspects.ToHashSet();
        var suspects = uids.Where(suspected.Contains).ToArray();
        if (suspects.Length == 0)
            return uids.Count > 0 ? [uids] : [];
        IReadOnlyList<uint> others = [.. uids.Where(uid => !suspected.Contains(uid))];
        var parts = suspects.Chunk(Math.Max(1, (suspects.Length + Parts - 1) / Parts)).Cast<IReadOnlyList<uint>>();
        return others.Count > 0 ? [others, .. parts] : parts;
    }

    private void Cleared(IReadOnlyList<uint> some)
    {
        if (_suspects.Count == 0)
            return;
        _answersOthers = true;
        var left = _suspects.Except(some).ToList();
        if (left.Count < _suspects.Count)
            (_suspects, _losses) = (left, 0);
    }

    private void Suspect(IReadOnlyList<uint> some, MailException loss)
    {
        var same = some.Count == 1 && _suspects is [var suspect] && suspect == some[0];
        if (!same && (_suspects.Count == 0 || some.Count < _suspects.Count))
            Narrowed++;
        _answersOthers &= _suspects.Count > 0;
        _losses = same ? _losses + 1 : 1;
        _suspects = some;
        // Whoever is busy for everybody is no message's fault.
        if (some.Count > 1 || _losses < MostLosses || (loss.Reason == Reason.ServerBusy && !_answersOthers))
            return;
        _guilty[some[0]] = loss.Reason == Reason.ServerBusy ? loss.Message : "the connection is lost each time it is asked for";
        (_suspects, _losses) = ([], 0);
        Narrowed++;
    }
}
