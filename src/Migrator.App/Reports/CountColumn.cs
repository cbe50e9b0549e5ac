namespace Migrator.App.Reports;

/// <summary>A column of counts, at a terminal and on a page.</summary>
/// <param name="Always">Also where all of them are 0.</param>
/// <param name="Alert">Any but 0 needs attention.</param>
public sealed record CountColumn<T>(string Title, Func<T, long> Count, bool Always = false, bool Alert = false);
