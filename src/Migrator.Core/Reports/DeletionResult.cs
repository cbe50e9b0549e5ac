namespace Migrator.Core.Reports;

/// <summary>What was deleted at the source.</summary>
/// <param name="Removed">Messages whose deletion the server confirmed.</param>
/// <param name="Unconfirmed">The server was asked to delete more, and did not say that it did: it may have.</param>
/// <param name="Replaced">Messages that are not those that were stored under their ids: they are not fetched yet.</param>
public readonly record struct DeletionResult(long Removed, bool Unconfirmed, long Replaced)
{
    public static readonly DeletionResult Nothing;
}
