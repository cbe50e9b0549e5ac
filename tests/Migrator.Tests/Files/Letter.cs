using System.Text;
using Migrator.App.Formatting;
using Migrator.Core.Mail;
using Xunit;

namespace Migrator.Tests.Files;

/// <summary>A message as a source gives it.</summary>
public sealed record Letter(uint Uid, string Text, string Flags, DateTimeOffset Date)
{
    /// <summary>All of a folder.</summary>
    public static async Task<IReadOnlyList<Letter>> ReadAsync(IMailSource source, string folder)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await source.OpenAsync(FolderPath.Parse(folder), cancellationToken);
        var uids = await source.ListUidsAsync(1, cancellationToken);
        var receiver = new Receiver();
        await source.FetchAsync(uids, receiver, cancellationToken);
        return [.. (await source.SummarizeAsync(uids, cancellationToken)).Select(summary => new Letter(summary.Uid, receiver.Texts[summary.Uid], summary.Flags.ToString(), summary.InternalDate))];
    }

    public sealed class Receiver : IContentReceiver
    {
        private long _size;

        public Dictionary<uint, string> Texts { get; } = [];

        public Stream Open(uint? uid, long size)
        {
            _size = size;
            return new MemoryStream();
        }

        public ValueTask CompleteAsync(uint uid, Stream content, Arrival? arrival, CancellationToken cancellationToken)
        {
            var octets = ((MemoryStream)content).ToArray();
            Assert.Equal(_size, octets.Length);
            Texts.Add(uid, Encoding.Latin1.GetString(octets));
            return default;
        }
    }
}
