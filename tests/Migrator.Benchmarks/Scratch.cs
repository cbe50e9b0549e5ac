namespace Migrator.Benchmarks;

/// <summary>A directory for one job run.</summary>
internal sealed class Scratch : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("bench").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
