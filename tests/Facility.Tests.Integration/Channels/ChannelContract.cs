using System.Diagnostics;
using System.Text;
using Facility.Domain.OnCall;
using Facility.Server.Ports;

namespace Facility.Tests.Integration.Channels;

/// <summary>How the peer is to behave.</summary>
public enum Peer
{
    Well,

    /// <summary>It says: not now.</summary>
    Busy,

    /// <summary>It says: never.</summary>
    Gone,

    /// <summary>It takes the message, or the connection, and says nothing.</summary>
    Hangs,

    /// <summary>It takes the message, or the connection, and ends the connection.</summary>
    Drops,

    /// <summary>There is none.</summary>
    Away,
}

/// <summary>What a peer got for a message.</summary>
public sealed record Taken(string Title, string Text, string? Link, bool Urgent);

/// <summary>What every channel must do, at a real peer. A channel's own class gives the peer; the cases are here, once.</summary>
public abstract class ChannelContract : IAsyncLifetime
{
    /// <summary>What a hostile name of a place could try: another header, another reading order, half a character.</summary>
    private const string Hostile = "Brand \u202Eknil\u2066\r\nBcc: eve@example.org\r\n\r\n\0\u2028\ud83d 🔥 𝄞 é";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Addresses that are not allowed.</summary>
    public abstract IReadOnlyList<string> BadAddresses { get; }

    /// <summary>Bytes of text that arrive at least; what is longer may be cut.</summary>
    protected virtual int Whole => 64 * 1024;

    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();

    internal abstract (IChannel Channel, string Address) At(Peer peer);

    /// <summary>What arrived with an id; null for nothing yet.</summary>
    internal abstract Taken? Arrived(string id);

    internal static Message Message(string address, string title = "Hulpknop: Ratelaar, hal", string text = "1. Ga kijken.\n2. Bel 112.", Uri? link = null, bool urgent = true) =>
        new(Guid.CreateVersion7().ToString("N"), "incident-1", "anna", "", address, title, text, link ?? new Uri("https://facility.example.org/a/0123456789abcdef"), urgent, "nl");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_message_arrives_with_its_link_and_whether_it_is_urgent(bool urgent)
    {
        var (channel, address) = At(Peer.Well);
        Assert.Null(channel.Refusal(address));
        var message = Message(address, urgent: urgent);
        var answer = await channel.SendAsync(message, Cancellation);
        Assert.Equal((SendOutcome.Sent, true), (answer.Outcome, answer.Detail.Length > 0));
        Assert.Equal(new Taken(message.Title, message.Text, message.Link!.AbsoluteUri, urgent), await ArrivedAsync(message.Id));
    }

    [Theory]
    [InlineData(Peer.Busy, SendOutcome.Failed)]
    [InlineData(Peer.Gone, SendOutcome.Refused)]
    [InlineData(Peer.Drops, SendOutcome.Failed)]
    [InlineData(Peer.Away, SendOutcome.Failed)]
    public async Task What_a_peer_does_not_take_is_for_later_or_for_good_in_its_own_words(Peer peer, SendOutcome outcome)
    {
        var (channel, address) = At(peer);
        var message = Message(address);
        var answer = await channel.SendAsync(message, Cancellation);
        Assert.True(answer.Outcome == outcome, $"{answer.Outcome}: {answer.Detail}");
        Assert.NotEqual("", answer.Detail);
        Assert.Null(Arrived(message.Id));
    }

    [Fact]
    public async Task A_peer_that_says_nothing_is_left_when_the_sender_has_no_more_patience()
    {
        var (channel, address) = At(Peer.Hangs);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => channel.SendAsync(Message(address), patience.Token).WaitAsync(Soon, Cancellation));
        Assert.True(patience.IsCancellationRequested);
    }

    [Fact]
    public async Task An_address_that_is_not_allowed_is_refused_and_nothing_is_sent()
    {
        var channel = At(Peer.Well).Channel;
        foreach (var address in BadAddresses)
        {
            var refusal = channel.Refusal(address);
            Assert.True(refusal is not null, $"allowed: {address}");
            Assert.StartsWith(channel.Kind + " ", refusal, StringComparison.Ordinal);
            Assert.DoesNotContain(refusal, char.IsControl);
            Assert.Equal(SendOutcome.Refused, (await channel.SendAsync(Message(address), Cancellation)).Outcome);
        }
    }

    [Fact]
    public async Task Hostile_text_arrives_as_text_and_nothing_besides()
    {
        var (channel, address) = At(Peer.Well);
        var message = Message(address, Hostile, "één\r\ntwee\u202E\0 🔥\n.\n\nBcc: eve@example.org\r\n");
        Assert.Equal(SendOutcome.Sent, (await channel.SendAsync(message, Cancellation)).Outcome);
        var taken = await ArrivedAsync(message.Id);
        Assert.Equal("Brand knil  Bcc: eve@example.org     🔥 𝄞 é", taken.Title);
        Assert.Equal("één\ntwee 🔥\n.\n\nBcc: eve@example.org", taken.Text.TrimEnd('\n'));
    }

    [Fact]
    public async Task A_long_text_arrives_whole_or_cut_at_a_character_and_a_long_title_is_cut()
    {
        var (channel, address) = At(Peer.Well);
        var text = string.Concat(Enumerable.Range(0, 10 * 1024 / 5).Select(i => i % 20 == 19 ? "\n" : "🔥 "));
        var message = Message(address, new string('é', 1000), text);
        Assert.Equal(SendOutcome.Sent, (await channel.SendAsync(message, Cancellation)).Outcome);
        var taken = await ArrivedAsync(message.Id);
        Assert.Equal(new string('é', 199) + "…", taken.Title);
        if (Encoding.UTF8.GetByteCount(text) <= Whole)
        {
            Assert.Equal(text.TrimEnd(), taken.Text.TrimEnd());
        }
        else
        {
            Assert.EndsWith("…", taken.Text, StringComparison.Ordinal);
            Assert.StartsWith(taken.Text[..^1], text, StringComparison.Ordinal);
            Assert.True(Encoding.UTF8.GetByteCount(taken.Text) >= Whole);
        }
    }

    [Fact]
    public async Task Many_at_once_all_arrive()
    {
        var (channel, address) = At(Peer.Well);
        var messages = Enumerable.Range(0, 32).Select(i => Message(address, $"Melding {i}")).ToArray();
        var answers = await Task.WhenAll(messages.Select(m => channel.SendAsync(m, Cancellation)));
        Assert.All(answers, a => Assert.Equal(SendOutcome.Sent, a.Outcome));
        foreach (var message in messages)
        {
            Assert.Equal(message.Title, (await ArrivedAsync(message.Id)).Title);
        }
    }

    private async Task<Taken> ArrivedAsync(string id)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            if (Arrived(id) is { } taken)
            {
                return taken;
            }

            Assert.True(clock.Elapsed < Soon, $"{id} did not arrive");
            await Task.Delay(20, Cancellation);
        }
    }
}
