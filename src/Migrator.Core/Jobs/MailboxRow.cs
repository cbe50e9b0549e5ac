using System.Text.Json.Nodes;

namespace Migrator.Core.Jobs;

/// <param name="Name">Null where the row has none of its own.</param>
/// <param name="Values">What it says otherwise than its job.</param>
/// <param name="Place">For people.</param>
/// <param name="Wrong">Why it cannot be read; null where it can.</param>
internal sealed record MailboxRow(string? Name, JsonObject Values, string Place, string? Wrong = null);
