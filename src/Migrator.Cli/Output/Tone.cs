namespace Migrator.Cli.Output;

internal enum Tone
{
    Plain,
    Note,
    Problem,
}
