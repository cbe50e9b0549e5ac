using Migrator.Tests.Servers;

namespace Migrator.Benchmarks;

/// <summary>A program that migrates mailboxes.</summary>
internal interface IPeer
{
    string Name { get; }

    Task<Measured> MeasureAsync(DovecotServer old, string from, DovecotServer @new, string to, string directory);
}
