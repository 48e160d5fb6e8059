/** As en-answers.ts: how the call is held, and what went wrong before it. */
export const enManner = {
  slower: `
slower please | slow down | please slow down | could you slow down | can you slow down | can you slow down a little | slow down please I can't follow | speak slower | speak slower please
speak more slowly | please speak more slowly | could you speak more slowly | can you speak slower | can you talk slower | talk slower | talk slower please | you're too fast | you are too fast
you're talking too fast | you talk too fast | you speak too fast | you're going too fast | that was too fast | that was way too fast | that's too quick for me | too fast | too quick | much too fast
not so fast | not so fast please | hey not so fast | a little slower | a little slower please | a little more slowly please | a bit more slowly | could you go slower | go slower | go a bit slower
I can't follow you | I can't follow that fast | I couldn't follow that it was too fast | I can't understand when you talk that fast | I'm old please speak slowly | my hearing isn't good please talk slowly
say that again slowly | say it again but slower | repeat that slowly please | one word at a time please | I need you to slow down | would you mind slowing down | would you mind speaking slowly
could you please speak a little slower | speak slowly please | slowly please | slowly | more slowly | more slowly please | take your time when you speak | I'm writing it down go slow`,
  complaint: `
I have a complaint | I want to complain | I'd like to complain | I would like to make a complaint | I'm calling to complain | where can I complain | I want to file a complaint | take this as a complaint
I'm not satisfied | I'm not happy with your service | I am very unhappy with your company | I'm dissatisfied | I'm not pleased | I'm disappointed | I am really disappointed with you | very disappointing
your service is bad | your service is awful | the service was terrible | that was very poor service | bad service | worst service ever | your customer service is a joke | your support is useless
nobody helped me | nobody called me back | no one ever calls back | you never answered my letter | I wrote to you and got no answer | I've been on hold for hours | I waited all day and nobody came
you promised to call and didn't | you promised me a refund | I want my money back | I'd like a refund | you owe me money | I was overcharged | you took too much money | there's a mistake on my bill
my bill is wrong | you billed me twice | I was charged for something I didn't buy | my order hasn't arrived | the parcel never came | my package is late | it came damaged | it arrived broken
it doesn't work | it never worked | it's been broken since I bought it | the product is faulty | you sent me the wrong thing | it's the second time this has happened | I've had nothing but problems
I still have the same problem | the problem isn't solved | your colleague was rude to me | the driver was very rude | the man at the counter was impolite | I was treated badly | that's no way to treat a customer
I'm going to write a bad review | I'll tell your manager about this | I want to speak about a problem with my order | I've reported this before | this should have been sorted out long ago | my internet is slow since you changed it`,
  other_language: `
do you speak chinese | do you speak french | do you speak german | can you speak russian | do you speak another language | do you have someone who speaks spanish | is there anyone who speaks italian
can we speak spanish | can we speak in chinese | can we talk in german | could we do this in spanish | in spanish please | spanish please | chinese please | french please | mandarin please
I speak spanish | I only speak spanish | I only speak chinese | I speak mandarin | I speak cantonese | I don't speak english | I do not speak english | I don't speak good english | I don't speak much english
I don't understand english | I can't speak english | I can't understand english well | my english is not good | my english is poor | my english isn't very good | sorry no english | no speak english
not english | english not good | little english | only a little english | I speak only a little english | she doesn't speak english | he only speaks portuguese | my parents don't speak english
no hablo ingles | en español por favor | español | hablo español | parlez vous français | je ne parle pas anglais | sprechen sie deutsch | ich spreche kein englisch | non parlo inglese | nihao
is there a spanish option | is there a version in chinese | press for spanish | another language please | a different language please | can you switch to spanish | switch to chinese please | switch the language
could you speak vietnamese | I need an interpreter | I need a translator | do you have an interpreter | can I get this in korean | can you say it in hindi | can you say that in japanese | talk to me in my language`,
} as const;
