namespace Migrator.Cli.Output;

/// <param name="Right">Numbers.</param>
/// <param name="Least">It may be cut to so many columns; 0 for never.</param>
/// <param name="Rank">Where all do not fit, the column with the highest is left out first; 0 for never.</param>
/// <param name="IsSentence">What is cut loses its end; else its middle.</param>
public sealed record FittedColumn(string Title, bool Right = false, int Least = 0, int Rank = 0, bool IsSentence = false);
