using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>How a migration is to be taken back.</summary>
/// <param name="Place">The folder at the top of the target below which messages are moved aside.</param>
/// <param name="Removes">The second step: removes for good what the first has moved aside.</param>
/// <param name="IsTrial">Changes nothing, and says what would be done.</param>
public sealed record UndoRequest(FolderPath Place, bool Removes = false, bool IsTrial = false)
{
    public static readonly FolderPath DefaultPlace = new(["Undone"]);
}
